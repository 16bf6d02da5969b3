// ship: a file of events over one connection in a protocol with acknowledgements, as fast as they allow.
//   ship -p port -f file -P relp|lumberjack|forward [-b events a delivery] [-w deliveries on their way, 0 = never wait]
// The file is that of generate: rfc5424 for relp, json for lumberjack, forward for forward. A delivery of relp is one event;
// one of lumberjack a window, one of forward a chunk. With -w 0 Forward asks for no acknowledgement, the others do not wait.
// Prints one JSON line: times of the first byte and of the last byte or acknowledgement (epoch seconds), bytes, acks, own CPU.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FLUSH 65536
#define ROOM (16 << 20)
#define FORWARD_ACK 30  // {"ack": a text of 24}: the texts made here have that length

static int fd, asks;
static sem_t room, answered;
static char *out;
static size_t filled, total;
static long deliveries, acks;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void flush_out(void) {
    for (size_t at = 0; at < filled;) {
        ssize_t sent = send(fd, out + at, filled - at, MSG_NOSIGNAL);
        if (sent > 0) at += (size_t)sent;
        else if (errno != EINTR) fail("send");
    }
    total += filled;
    filled = 0;
}

static void put(const void *bytes, size_t size) {
    if (filled + size > ROOM) flush_out();
    memcpy(out + filled, bytes, size);
    filled += size;
}

static void put32(uint32_t value) {
    uint32_t raw = htonl(value);
    put(&raw, 4);
}

// Each acknowledgement makes room for a delivery. RELP's end with a line feed; Lumberjack's with number 0 are none.
static void *listen_for_acks(void *protocol) {
    static unsigned char in[FLUSH];
    size_t held = 0;
    for (ssize_t size; (size = recv(fd, in + held, sizeof in - held, 0)) > 0;) {
        size_t end = held + (size_t)size, at = 0, step = *(const char *)protocol == 'l' ? 6 : FORWARD_ACK;
        long found = 0;
        if (*(const char *)protocol == 'r') {
            for (; at < end; at++) found += in[at] == '\n';
        } else {
            for (; at + step <= end; at += step) found += step != 6 || in[at + 2] | in[at + 3] | in[at + 4] | in[at + 5];
        }
        memmove(in, in + at, held = end - at);
        for (acks += found; found > 0; found--) {
            sem_post(&room);
            sem_post(&answered);
        }
    }
    return 0;
}

// What was put so far leaves before it waits.
static void begin_delivery(int waits) {
    deliveries++;
    if (filled >= FLUSH) flush_out();
    if (waits && sem_trywait(&room)) {
        flush_out();
        while (sem_wait(&room)) {}
    }
}

static const char *line_end(const char *at, const char *end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline : end;
}

static void relp(const char *at, const char *end, long each, int waits) {
    (void)each;
    for (long number = 2; at < end; number = number % 999999999 + 1) {
        const char *stop = line_end(at, end);
        char head[40];
        begin_delivery(waits);
        put(head, (size_t)sprintf(head, "%ld syslog %zu ", number, (size_t)(stop - at)));
        put(at, (size_t)(stop - at));
        put("\n", 1);
        at = stop + 1;
    }
}

static void lumberjack(const char *at, const char *end, long each, int waits) {
    while (at < end) {
        uint32_t events = 0;
        const char *line = at;
        for (; events < each && line < end; events++) line = line_end(line, end) + 1;
        begin_delivery(waits);
        put("2W", 2);
        put32(events);
        for (uint32_t number = 1; number <= events; number++) {
            const char *stop = line_end(at, end);
            put("2J", 2);
            put32(number);
            put32((uint32_t)(stop - at));
            put(at, (size_t)(stop - at));
            at = stop + 1;
        }
    }
}

static uint32_t length_at(const char *at) {
    uint32_t raw;
    memcpy(&raw, at, 4);
    return ntohl(raw);
}

static void forward(const char *at, const char *end, long each, int waits) {
    while (at < end) {
        uint32_t size = 0;
        const char *entry = at;
        for (long events = 0; events < each && entry < end; events++) {
            size += length_at(entry);
            entry += 4 + length_at(entry);
        }
        begin_delivery(waits);
        put(asks ? "\x93\xA5" "bench\xDB" : "\x92\xA5" "bench\xDB", 8);
        put32(size);
        for (; at < entry; at += 4 + length_at(at)) put(at + 4, length_at(at));
        if (asks) {
            char option[33];  // {"chunk": a text of 24}
            sprintf(option, "\x81\xA5" "chunk\xB8%010ld%014lx", deliveries, (long)getpid());
            put(option, 32);
        }
    }
}

static void connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (void *)&address, sizeof address)) fail("connect");
}

// The answer to the opening ends with its offers, which end with two line feeds or one: it comes alone, as one segment.
static void open_relp(void) {
    static const char OPEN[] = "1 open 30 relp_version=0\ncommands=syslog\n";
    char answer[1024];
    put(OPEN, sizeof OPEN - 1);
    flush_out();
    if (recv(fd, answer, sizeof answer, 0) < 12 || strncmp(answer, "1 rsp ", 6)) fail("open");
}

static const char *map(const char *file, size_t *size) {
    struct stat info;
    int input = open(file, O_RDONLY);
    if (input < 0 || fstat(input, &info)) fail(file);
    *size = (size_t)info.st_size;
    const char *bytes = mmap(0, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, input, 0);
    if (bytes == MAP_FAILED) fail("mmap");
    return bytes;
}

int main(int argc, char **argv) {
    int port = 0, window = 0;
    long each = 1000;
    const char *file = 0, *protocol = "";
    for (int option; (option = getopt(argc, argv, "p:f:P:b:w:")) > 0;) {
        switch (option) {
            case 'p': port = atoi(optarg); break;
            case 'f': file = optarg; break;
            case 'P': protocol = optarg; break;
            case 'b': each = atol(optarg); break;
            case 'w': window = atoi(optarg); break;
            default: return 2;
        }
    }
    void (*ship)(const char *, const char *, long, int) =
            *protocol == 'r' ? relp : *protocol == 'l' ? lumberjack : *protocol == 'f' ? forward : 0;
    if (!file || !ship || each < 1) return 2;
    size_t size;
    const char *bytes = map(file, &size);
    out = malloc(ROOM);
    asks = ship != forward || window > 0;
    sem_init(&room, 0, (unsigned)window);
    sem_init(&answered, 0, 0);
    connect_to(port);
    if (ship == relp) open_relp();
    pthread_t ear;
    pthread_create(&ear, 0, listen_for_acks, (void *)protocol);
    double first = now();
    ship(bytes, bytes + size, each, window > 0);
    flush_out();
    for (long i = 0; asks && i < deliveries; i++) while (sem_wait(&answered)) {}
    double last = now();
    close(fd);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("{\"first\":%.6f,\"last\":%.6f,\"bytes\":%zu,\"acks\":%ld,\"cpu\":%.3f}\n", first, last, total, acks, cpu);
    return 0;
}
