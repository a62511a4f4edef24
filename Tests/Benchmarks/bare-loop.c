/* What libpcap alone takes for a file: the yardstick of `make bench`. One byte of each packet is touched, so that the
   packet is really there. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *data;
    unsigned long long packets = 0, bytes = 0, sum = 0;
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: bare-loop FILE\n");
        return 64;
    }
    pcap_t *capture = pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, error);
    if (capture == NULL) {
        fprintf(stderr, "bare-loop: %s\n", error);
        return 2;
    }
    while ((status = pcap_next_ex(capture, &header, &data)) == 1) {
        packets++;
        bytes += header->len;
        sum += header->caplen > 0 ? data[0] : 0;
    }
    if (status != PCAP_ERROR_BREAK) {
        fprintf(stderr, "bare-loop: %s\n", pcap_geterr(capture));
        return 2;
    }
    printf("%llu packets, %llu bytes (%llu)\n", packets, bytes, sum);
    pcap_close(capture);
    return 0;
}
