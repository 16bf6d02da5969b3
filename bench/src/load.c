// load: what PostgreSQL takes at most. Rows of a binary COPY file go in by lean libpq binary COPY.
//   load -f file -s "COPY .. FROM STDIN (FORMAT binary)" [-c connections] [-b rows a batch] [-n rows at most]
// Each batch is one COPY and so one transaction. The connection comes from libpq's own PG* variables.
// Prints one JSON line: times of start and of the last commit (epoch seconds), rows, own CPU seconds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LANES_MAX 64
#define COPY_DATA 65536
#define HEADER_SIZE 19

typedef struct {
    const char *at, *end;
    PGconn *connection;
    pthread_t thread;
} Lane;

static const char HEADER[HEADER_SIZE] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
static const char TRAILER[2] = "\377\377";
static const char *statement;
static long batch_rows = 10000;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(PGconn *connection, const char *what) {
    fprintf(stderr, "%s: %s", what, PQerrorMessage(connection));
    exit(1);
}

static const char *row_end(const char *at) {
    uint16_t fields;
    memcpy(&fields, at, 2);
    at += 2;
    for (int i = ntohs(fields); i > 0; i--) {
        uint32_t raw;
        memcpy(&raw, at, 4);
        int32_t length = (int32_t)ntohl(raw);
        at += 4 + (length > 0 ? length : 0);
    }
    return at;
}

static void expect(PGconn *connection, PGresult *result, ExecStatusType status) {
    if (PQresultStatus(result) != status) fail(connection, "copy");
    PQclear(result);
}

static void put(PGconn *connection, const char *bytes, size_t size) {
    if (PQputCopyData(connection, bytes, (int)size) != 1) fail(connection, "copy data");
}

static void copy_batch(Lane *lane) {
    PGconn *connection = lane->connection;
    expect(connection, PQexec(connection, statement), PGRES_COPY_IN);
    put(connection, HEADER, sizeof HEADER);
    const char *from = lane->at;
    for (long rows = 0; rows < batch_rows && lane->at < lane->end; rows++) {
        lane->at = row_end(lane->at);
        if (lane->at - from >= COPY_DATA) {
            put(connection, from, (size_t)(lane->at - from));
            from = lane->at;
        }
    }
    if (lane->at > from) put(connection, from, (size_t)(lane->at - from));
    put(connection, TRAILER, sizeof TRAILER);
    if (PQputCopyEnd(connection, 0) != 1) fail(connection, "copy end");
    for (PGresult *result; (result = PQgetResult(connection));) expect(connection, result, PGRES_COMMAND_OK);
}

static void *run(void *argument) {
    Lane *lane = argument;
    while (lane->at < lane->end) copy_batch(lane);
    return 0;
}

static const char *map(const char *file, size_t *size) {
    struct stat info;
    int fd = open(file, O_RDONLY);
    if (fd < 0 || fstat(fd, &info)) {
        perror(file);
        exit(1);
    }
    *size = (size_t)info.st_size;
    return mmap(0, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
}

// Equal numbers of rows for each lane; returns the number of rows of all.
static long split(Lane *lanes, int count, const char *at, const char *end, long rows_max) {
    long rows = 0;
    const char *p = at;
    for (; p < end && rows < rows_max; rows++) p = row_end(p);
    long each = (rows + count - 1) / count, left = rows;
    for (int i = 0; i < count; i++) {
        lanes[i].at = at;
        for (long k = left < each ? left : each; k > 0; k--, left--) at = row_end(at);
        lanes[i].end = at;
    }
    return rows;
}

int main(int argc, char **argv) {
    int connections = 2;
    long rows_max = INT64_MAX;
    const char *file = 0;
    for (int option; (option = getopt(argc, argv, "f:s:c:b:n:")) > 0;) {
        switch (option) {
            case 'f': file = optarg; break;
            case 's': statement = optarg; break;
            case 'c': connections = atoi(optarg); break;
            case 'b': batch_rows = atol(optarg); break;
            case 'n': rows_max = atol(optarg); break;
            default: return 2;
        }
    }
    if (!file || !statement || connections < 1 || connections > LANES_MAX) return 2;
    size_t size;
    const char *bytes = map(file, &size);
    static Lane lanes[LANES_MAX];
    long rows = split(lanes, connections, bytes + HEADER_SIZE, bytes + size - sizeof TRAILER, rows_max);
    for (int i = 0; i < connections; i++) {
        lanes[i].connection = PQconnectdb("");
        if (PQstatus(lanes[i].connection) != CONNECTION_OK) fail(lanes[i].connection, "connect");
    }
    double start = now();
    for (int i = 0; i < connections; i++) pthread_create(&lanes[i].thread, 0, run, &lanes[i]);
    for (int i = 0; i < connections; i++) pthread_join(lanes[i].thread, 0);
    double end = now();
    for (int i = 0; i < connections; i++) PQfinish(lanes[i].connection);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("{\"first\":%.6f,\"last\":%.6f,\"rows\":%ld,\"cpu\":%.3f}\n", start, end, rows, cpu);
    return 0;
}
