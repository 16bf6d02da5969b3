/*
 * Asks the service in the same container whether it is ready: the image's health check. The image has no curl and no
 * shell, and a second JVM would take the options that are meant for the service (two collectors, or an agent that
 * listens twice, end it). Ends with 0 when the service is ready, otherwise not.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] =
    "GET /actuator/health/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char ready[] = "HTTP/1.1 200 ";

/* From the same variables as the service. */
static int port(void) {
    const char *text = getenv("MANAGEMENT_SERVER_PORT");
    if (text == NULL || *text == '\0') {
        text = getenv("SERVER_PORT");
    }
    return text == NULL || *text == '\0' ? 8080 : atoi(text);
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port())};
    char reply[sizeof ready - 1];
    size_t length = 0;
    int connection = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* Ends this program, however slowly an answer comes; process 1 has no default for signals. */
    signal(SIGALRM, _exit);
    alarm(3);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0
        || write(connection, request, sizeof request - 1) != sizeof request - 1) {
        return 1;
    }
    while (length < sizeof reply) {
        ssize_t count = read(connection, reply + length, sizeof reply - length);
        if (count <= 0) {
            return 1;
        }
        length += count;
    }
    return memcmp(reply, ready, sizeof reply) == 0 ? 0 : 1;
}
