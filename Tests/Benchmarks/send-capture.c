/* Sends the frames of a classic pcap file over an interface, so many in a second:

     send-capture INTERFACE FILE RATE SECONDS

   Made for interfaces in a network namespace of its own, which no frame leaves. At the end it prints how many frames were
   sent, and in how many seconds. The kernel is bypassed from the socket on (PACKET_QDISC_BYPASS); what the other end of the
   pair has no room for is not counted as sent. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, FILE_HEADER = 24, FRAME_HEADER = 16 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fprintf(stderr, "usage: send-capture INTERFACE FILE RATE SECONDS\n");
        return 64;
    }
    int file = open(arguments[2], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0) fail(arguments[2]);
    const uint8_t *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (bytes == MAP_FAILED) fail(arguments[2]);
    int socket_ = socket(AF_PACKET, SOCK_RAW, 0);
    if (socket_ < 0) fail("socket");
    struct sockaddr_ll place = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(arguments[1])};
    if (!place.sll_ifindex || bind(socket_, (struct sockaddr *)&place, sizeof place) < 0) fail(arguments[1]);
    int yes = 1;
    setsockopt(socket_, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);

    double rate = atof(arguments[3]), begin = now(), end = begin + atof(arguments[4]);
    long sent = 0, offset = FILE_HEADER;
    struct mmsghdr messages[BATCH];
    struct iovec pieces[BATCH];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < BATCH; i++) messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    while (now() < end) {
        double due = begin + sent / rate;
        double wait = due - now();
        if (wait > 0) {
            struct timespec time = {0, wait * 1e9};
            nanosleep(&time, NULL);
            continue;
        }
        int filled = 0;
        long next = offset;
        while (filled < BATCH && next + FRAME_HEADER <= status.st_size) {
            uint32_t length;
            memcpy(&length, bytes + next + 8, 4);
            if (next + FRAME_HEADER + (long)length > status.st_size) break;
            pieces[filled++] = (struct iovec){(void *)(bytes + next + FRAME_HEADER), length};
            next += FRAME_HEADER + length;
        }
        if (!filled) break;
        int done = sendmmsg(socket_, messages, filled, 0);
        if (done < 0) fail("sendmmsg");
        for (int i = 0; i < done; i++) offset += FRAME_HEADER + pieces[i].iov_len;
        sent += done;
    }
    printf("%ld %.3f\n", sent, now() - begin);
    return 0;
}
