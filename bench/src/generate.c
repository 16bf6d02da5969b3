// generate: realistic log events, the same ones for the same seed, on stdout.
//   generate -f rfc5424|json|gelf|forward -n events [-s seed]
// One a line; of gelf each ends with NUL, of forward each is an entry of MessagePack behind its length in four bytes.
// About 220 bytes an event; non-ASCII text now and then, structured data on a third. The process id of an event is its
// number (1, 2, 3 ...), so that the table can be asked whether every event arrived exactly once.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(a) ((a)[below(COUNT(a))])

#define EPOCH 1772323200  // 2026-03-01T00:00:00Z

typedef struct {
    long number;
    long seconds;
    unsigned micros;
    int severity, facility, has_context;
    const char *app, *msg_id, *user;
    char time[40], host[48], message[1024], trace[16], tenant[16];
} Event;

static const char *ROLES[] = {"web", "api", "db", "cache", "worker", "edge"};
static const char *ZONES[] = {"eu1", "us2"};
static const char *APPS[] = {"nginx", "sshd", "postgres", "checkout-api", "billing", "kernel", "systemd", "cron",
                             "auth-gateway", "search-indexer", "haproxy", "kafka-consumer"};
static const char *MSG_IDS[] = {"-", "-", "-", "-", "-", "REQ", "AUTH", "TXN", "GC", "ID47"};
static const char *USERS[] = {"alice", "bob", "carol", "dave", "erin", "jörg", "zoë", "mallory"};
static const char *PATHS[] = {"/api/v1/orders", "/login", "/static/app.js", "/healthz", "/api/v2/search?q=shoes"};
static const char *ACTIONS[] = {"login", "logout", "purchase", "view"};
static const char *FOREIGN[] = {"Größe überschritten", "connexion refusée à 日本", "ошибка записи", "naïve café ☕"};
static const char *WORDS[] = {"connection", "timeout", "while", "reading", "response", "header", "from", "upstream",
                              "cache", "miss", "key", "evicted", "retrying", "after", "backoff", "lock", "wait",
                              "exceeded", "checkpoint", "complete", "session", "opened", "closed", "transaction",
                              "rolled", "back", "queue", "depth", "threshold", "worker", "scheduled", "job"};
static const char *LEVELS[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
static const int STATUSES[] = {200, 200, 200, 304, 404, 500};
static const int FACILITIES[] = {1, 3, 4, 10, 16, 17, 18, 23};

static uint64_t state;

static uint64_t random64(void) {  // xorshift64*
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717ULL;
}

static unsigned below(unsigned bound) { return (unsigned)((random64() >> 33) % bound); }

static int severity(void) {
    unsigned percent = below(100);
    return percent < 62 ? 6 : percent < 74 ? 5 : percent < 86 ? 4 : percent < 94 ? 3 : percent < 99 ? 7 : 2;
}

static char *words(char *out, int count) {
    for (int i = 0; i < count; i++) out += sprintf(out, "%s%s", i ? " " : "", PICK(WORDS));
    return out;
}

static void write_message(char *out) {
    switch (below(8)) {
        case 0: case 1: case 2:
            out += sprintf(out, "10.%u.%u.%u \"GET %s/%u HTTP/1.1\" %d %u \"-\" \"Mozilla/5.0 (X11; Linux x86_64; "
                           "rv:128.0) Gecko/20100101 Firefox/128.0\" rt=0.%03u", below(256), below(256), below(256),
                           PICK(PATHS), below(99999), PICK(STATUSES), below(90000), below(1000));
            break;
        case 3: case 4:
            out += sprintf(out, "user=%s action=%s latency_ms=%u trace=%016llx ", PICK(USERS), PICK(ACTIONS),
                           below(3000), (unsigned long long)random64());
            out = words(out, 5 + (int)below(8));
            break;
        case 5:
            out += sprintf(out, "duration: %u.%03u ms  statement: SELECT id, name FROM accounts WHERE tenant_id = %u "
                           "AND state = 'open'", below(900), below(1000), below(5000));
            break;
        case 6:
            out += sprintf(out, "[pool-1-thread-%u] ", below(32));
            out = words(out, 10 + (int)below(18));
            break;
        default:
            out = words(out, 6 + (int)below(14));
    }
    if (below(100) < 3) sprintf(out, " %s", PICK(FOREIGN));
}

static void write_time(char *out, uint64_t micros) {
    static time_t cached = -1;
    static char text[24];
    time_t second = (time_t)(EPOCH + micros / 1000000);
    if (second != cached) {
        struct tm parts;
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&second, &parts));
        cached = second;
    }
    sprintf(out, "%s.%06uZ", text, (unsigned)(micros % 1000000));
}

static void next_event(Event *e) {
    static uint64_t micros;
    micros += below(900);
    e->number++;
    write_time(e->time, micros);
    e->seconds = (long)(EPOCH + micros / 1000000);
    e->micros = (unsigned)(micros % 1000000);
    sprintf(e->host, "%s-%02u.%s.example.net", PICK(ROLES), 1 + below(30), PICK(ZONES));
    e->app = PICK(APPS);
    e->severity = severity();
    e->facility = PICK(FACILITIES);
    e->msg_id = PICK(MSG_IDS);
    write_message(e->message);
    e->has_context = below(3) == 0;
    sprintf(e->trace, "%08x", (unsigned)random64());
    sprintf(e->tenant, "t%u", below(500));
    e->user = PICK(USERS);
}

static void print_rfc5424(const Event *e) {
    printf("<%d>1 %s %s %s %ld %s ", e->facility * 8 + e->severity, e->time, e->host, e->app, e->number, e->msg_id);
    if (e->has_context) printf("[ctx@32473 trace=\"%s\" tenant=\"%s\" user=\"%s\"] ", e->trace, e->tenant, e->user);
    else fputs("- ", stdout);
    puts(e->message);
}

static void print_json_text(const char *text) {
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') putchar_unlocked('\\');
        putchar_unlocked(*text);
    }
}

static void print_json(const Event *e) {
    printf("{\"timestamp\":\"%s\",\"severity\":\"%s\",\"facility\":%d,\"host\":\"%s\",\"app\":\"%s\",\"procid\":\"%ld\","
           "\"msgid\":\"%s\",\"message\":\"", e->time, LEVELS[e->severity], e->facility, e->host, e->app, e->number,
           e->msg_id);
    print_json_text(e->message);
    putchar_unlocked('"');
    if (e->has_context) {
        printf(",\"ctx\":{\"trace\":\"%s\",\"tenant\":\"%s\",\"user\":\"%s\"}", e->trace, e->tenant, e->user);
    }
    puts("}");
}

static void print_gelf(const Event *e) {
    printf("{\"version\":\"1.1\",\"host\":\"%s\",\"timestamp\":%ld.%06u,\"level\":%d,\"_app\":\"%s\",\"_procid\":\"%ld\","
           "\"_msgid\":\"%s\",\"short_message\":\"", e->host, e->seconds, e->micros, e->severity, e->app, e->number, e->msg_id);
    print_json_text(e->message);
    putchar_unlocked('"');
    if (e->has_context) {
        printf(",\"_trace\":\"%s\",\"_tenant\":\"%s\",\"_user\":\"%s\"", e->trace, e->tenant, e->user);
    }
    putchar_unlocked('}');
    putchar_unlocked(0);
}

static char *big_endian(char *out, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) *out++ = (char)(value >> shift);
    return out;
}

static char *text(char *out, const char *value) {
    size_t length = strlen(value);
    if (length < 32) {
        *out++ = (char)(0xA0 | length);
    } else {
        *out++ = (char)0xDA;
        *out++ = (char)(length >> 8);
        *out++ = (char)length;
    }
    return (char *)memcpy(out, value, length) + length;
}

static char *pair(char *out, const char *key, const char *value) { return text(text(out, key), value); }

static void print_forward(const Event *e) {
    static char entry[4096];
    char number[24], *out = entry + 4;
    sprintf(number, "%ld", e->number);
    *out++ = (char)0x92;  // [EventTime, {..}]
    *out++ = (char)0xD7;
    *out++ = 0;
    out = big_endian(big_endian(out, (uint32_t)e->seconds), e->micros * 1000);
    *out++ = (char)(e->has_context ? 0x88 : 0x87);
    out = pair(pair(out, "severity", LEVELS[e->severity]), "host", e->host);
    out = text(out, "facility");
    *out++ = (char)e->facility;
    out = pair(pair(pair(out, "app", e->app), "procid", number), "msgid", e->msg_id);
    out = pair(out, "message", e->message);
    if (e->has_context) {
        out = text(out, "ctx");
        *out++ = (char)0x83;
        out = pair(pair(pair(out, "trace", e->trace), "tenant", e->tenant), "user", e->user);
    }
    big_endian(entry, (uint32_t)(out - entry - 4));
    fwrite(entry, 1, (size_t)(out - entry), stdout);
}

int main(int argc, char **argv) {
    long events = 1000;
    const char *format = "rfc5424";
    uint64_t seed = 42;
    for (int option; (option = getopt(argc, argv, "f:n:s:")) > 0;) {
        switch (option) {
            case 'f': format = optarg; break;
            case 'n': events = atol(optarg); break;
            case 's': seed = strtoull(optarg, 0, 10); break;
            default: return 2;
        }
    }
    state = seed * 0x9E3779B97F4A7C15ULL | 1;
    setvbuf(stdout, 0, _IOFBF, 1 << 20);
    void (*print)(const Event *) = !strcmp(format, "json") ? print_json : !strcmp(format, "gelf") ? print_gelf
                                 : !strcmp(format, "forward") ? print_forward : print_rfc5424;
    Event event = {0};
    while (events-- > 0) {
        next_event(&event);
        print(&event);
    }
    return fflush(stdout) ? 1 : 0;
}
