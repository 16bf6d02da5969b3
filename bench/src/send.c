// send: a file of events, one a line, over a few TCP connections as fast as TCP takes them, or at a rate.
//   send -p port -f file [-c connections] [-r events per second, 0 = as fast as possible]
// Prints one JSON line: times of the first byte and of the last byte accepted (epoch seconds), bytes, own CPU seconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64
#define CHUNK 65536

typedef struct {
    int fd;
    const char *at, *end;
    pthread_t thread;
} Stream;

static double events_per_second;  // of one connection; 0 = unlimited

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *line_end(const char *at, const char *end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline + 1 : end;
}

static void send_until(Stream *s, const char *limit) {
    while (s->at < limit) {
        size_t size = (size_t)(limit - s->at);
        ssize_t sent = send(s->fd, s->at, size > CHUNK ? CHUNK : size, MSG_NOSIGNAL);
        if (sent > 0) s->at += sent;
        else if (errno != EINTR) fail("send");
    }
}

// What is due is written every millisecond in one go, like a shipper with a small buffer.
static void send_paced(Stream *s) {
    double start = now();
    long done = 0;
    while (s->at < s->end) {
        long due = (long)((now() - start) * events_per_second);
        const char *limit = s->at;
        for (; done < due && limit < s->end; done++) limit = line_end(limit, s->end);
        send_until(s, limit);
        usleep(1000);
    }
}

static void *run(void *argument) {
    Stream *s = argument;
    if (events_per_second > 0) send_paced(s);
    else send_until(s, s->end);
    return 0;
}

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (void *)&address, sizeof address)) fail("connect");
    return fd;
}

static const char *map(const char *file, size_t *size) {
    struct stat info;
    int fd = open(file, O_RDONLY);
    if (fd < 0 || fstat(fd, &info)) fail(file);
    *size = (size_t)info.st_size;
    const char *bytes = mmap(0, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED) fail("mmap");
    return bytes;
}

// Equal parts by bytes, cut at the end of a line.
static void split(Stream *streams, int count, const char *bytes, size_t size) {
    const char *at = bytes, *end = bytes + size;
    for (int i = 0; i < count; i++) {
        const char *cut = bytes + size / (size_t)count * (size_t)(i + 1);
        streams[i].at = at;
        at = streams[i].end = i == count - 1 ? end : line_end(cut > at ? cut : at, end);
    }
}

int main(int argc, char **argv) {
    int port = 0, connections = 1;
    double rate = 0;
    const char *file = 0;
    for (int option; (option = getopt(argc, argv, "p:f:c:r:")) > 0;) {
        switch (option) {
            case 'p': port = atoi(optarg); break;
            case 'f': file = optarg; break;
            case 'c': connections = atoi(optarg); break;
            case 'r': rate = atof(optarg); break;
            default: return 2;
        }
    }
    if (!file || connections < 1 || connections > CONNECTIONS_MAX) return 2;
    size_t size;
    const char *bytes = map(file, &size);
    static Stream streams[CONNECTIONS_MAX];
    split(streams, connections, bytes, size);
    events_per_second = rate / connections;
    for (int i = 0; i < connections; i++) streams[i].fd = connect_to(port);
    double first = now();
    for (int i = 0; i < connections; i++) pthread_create(&streams[i].thread, 0, run, &streams[i]);
    for (int i = 0; i < connections; i++) pthread_join(streams[i].thread, 0);
    double last = now();
    for (int i = 0; i < connections; i++) close(streams[i].fd);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("{\"first\":%.6f,\"last\":%.6f,\"bytes\":%zu,\"cpu\":%.3f}\n", first, last, size, cpu);
    return 0;
}
