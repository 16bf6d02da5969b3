// swarm: many TCP connections from one process.
//   swarm -p port -m flood   -c connections -n events -x largest frame in bytes
//   swarm -p port -m trickle -c connections -i milliseconds between two events of a connection -d seconds
//   swarm -p port -m idle    -c connections
// Every event is RFC 5424 and carries its number (1, 2, 3 ...) as process id. When all is sent, the connections stay
// open until SIGTERM. Progress is four JSON lines a second on stdout while it sends, and one more after SIGTERM.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MIN 120
#define HEADER_MAX 100
#define CONNECTIONS_PER_ADDRESS 2000
#define REPORT_SECONDS 0.25

typedef struct {
    int fd, failed;
    char *buffer;
    size_t length, offset;
    long events;  // in the buffer
} Connection;

static Connection *all;
static int count = 1000;
static long events_made, events_sent, bytes_sent, events_max = 1000000;
static size_t frame_max = 250, buffer_size;
static char *filler;
static double started, started_epoch, reported;
static volatile sig_atomic_t stopped;

static void stop(int signal) {
    (void)signal;
    stopped = 1;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void) { return read_clock(CLOCK_MONOTONIC); }

static void sleep_until(double when) {
    double left = when - now();
    if (left > 0) usleep((useconds_t)(left * 1e6));
}

// A connection counts as closed when the service ended it, whatever the way.
static int closed_connections(void) {
    int closed = 0;
    for (int i = 0; i < count; i++) {
        char byte;
        ssize_t got = all[i].failed ? 0 : recv(all[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        closed += got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    }
    return closed;
}

static void report(void) {
    printf("{\"started\":%.6f,\"seconds\":%.2f,\"events\":%ld,\"bytes\":%ld,\"all_sent\":%s,\"closed\":%d}\n",
           started_epoch, now() - started, events_sent, bytes_sent, events_sent >= events_max ? "true" : "false",
           closed_connections());
    fflush(stdout);
    reported = now();
}

static void report_now_and_then(void) {
    if (now() - reported >= REPORT_SECONDS) report();
}

// One source address has too few ports for all, so they come from 127.0.0.1, 127.0.0.2 ...
static int connect_from(int index, int port, int send_buffer) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in source = {.sin_family = AF_INET}, target = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(index / CONNECTIONS_PER_ADDRESS));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    target.sin_port = htons((uint16_t)port);
    if (fd < 0) fail("socket");
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (send_buffer) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    if (bind(fd, (void *)&source, sizeof source)) fail("bind");
    if (connect(fd, (void *)&target, sizeof target)) fail("connect");
    return fd;
}

static void connect_all(int port, int send_buffer) {
    all = calloc((size_t)count, sizeof *all);
    for (int i = 0; i < count; i++) all[i].fd = connect_from(i, port, send_buffer);
    started = now();
    started_epoch = read_clock(CLOCK_REALTIME);
    report();
}

static void *allocate(size_t size) {
    void *memory = malloc(size);
    if (!memory) fail("malloc");
    return memory;
}

static size_t write_frame(char *out, size_t size) {
    int header = sprintf(out, "<134>1 2026-03-01T12:00:00.000000Z swarm.example.net swarm %ld - - ", ++events_made);
    size_t text = size > (size_t)header + 2 ? size - (size_t)header - 1 : 1;
    memcpy(out + header, filler, text);
    out[(size_t)header + text] = '\n';
    return (size_t)header + text + 1;
}

// Sizes spread evenly over the orders of magnitude: many small frames, a few of the largest.
static size_t frame_size(void) {
    double low = log(FRAME_MIN), high = log((double)frame_max);
    return (size_t)exp(low + (high - low) * drand48());
}

static void fill(Connection *c) {
    c->length = c->offset = 0;
    c->events = 0;
    while (events_made < events_max && c->length + frame_max + HEADER_MAX <= buffer_size) {
        c->length += write_frame(c->buffer + c->length, frame_size());
        c->events++;
    }
}

static void send_some(Connection *c) {
    ssize_t sent = send(c->fd, c->buffer + c->offset, c->length - c->offset, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        c->failed = errno != EAGAIN && errno != EINTR;
        return;
    }
    c->offset += (size_t)sent;
    bytes_sent += sent;
    if (c->offset == c->length) events_sent += c->events;
}

static void flood(void) {
    int poll = epoll_create1(0), busy = count;
    for (int i = 0; i < count; i++) {
        struct epoll_event interest = {.events = EPOLLOUT, .data.ptr = &all[i]};
        all[i].buffer = allocate(buffer_size);
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &interest);
    }
    while (busy > 0 && !stopped) {
        struct epoll_event ready[256];
        int n = epoll_wait(poll, ready, 256, 100);
        for (int i = 0; i < n; i++) {
            Connection *c = ready[i].data.ptr;
            if (c->offset == c->length) fill(c);
            if (c->length > 0) send_some(c);
            if (c->length == 0 || c->failed) {
                epoll_ctl(poll, EPOLL_CTL_DEL, c->fd, 0);
                busy--;
            }
        }
        report_now_and_then();
    }
    close(poll);
}

// The connections take turns evenly within the interval, one event and one write each.
static void trickle(double interval, double seconds) {
    char frame[512];
    long turns = (long)(seconds / interval) * count;
    double start = now();
    events_max = turns;
    for (long turn = 0; turn < turns && !stopped; turn++) {
        double due = start + interval * (double)turn / count;
        if (due > now() + 0.0005) sleep_until(due);
        Connection *c = &all[turn % count];
        size_t size = write_frame(frame, 200);
        if (send(c->fd, frame, size, MSG_NOSIGNAL) != (ssize_t)size) c->failed = 1;
        else events_sent++, bytes_sent += (long)size;
        report_now_and_then();
    }
}

int main(int argc, char **argv) {
    int port = 0;
    double interval = 0.05, seconds = 30;
    const char *mode = "idle";
    for (int option; (option = getopt(argc, argv, "p:m:c:n:x:i:d:")) > 0;) {
        switch (option) {
            case 'p': port = atoi(optarg); break;
            case 'm': mode = optarg; break;
            case 'c': count = atoi(optarg); break;
            case 'n': events_max = atol(optarg); break;
            case 'x': frame_max = (size_t)atol(optarg); break;
            case 'i': interval = atof(optarg) / 1000; break;
            case 'd': seconds = atof(optarg); break;
            default: return 2;
        }
    }
    if (frame_max < FRAME_MIN || count < 1) return 2;
    signal(SIGTERM, stop);
    buffer_size = frame_max + HEADER_MAX > 16384 ? frame_max + HEADER_MAX : 16384;
    filler = allocate(buffer_size);
    for (size_t i = 0; i < buffer_size; i++) filler[i] = "the quick brown fox jumps over the lazy dog "[i % 44];
    int flooding = !strcmp(mode, "flood");
    // A small send buffer, so that what is unsent waits in this process and not in gigabytes of kernel memory.
    connect_all(port, flooding ? 65536 : 0);
    if (flooding) flood();
    else if (!strcmp(mode, "trickle")) trickle(interval, seconds);
    if (!stopped) report();
    while (!stopped) usleep(50000);
    report();
    return 0;
}
