/* Writes one of the workloads of `make bench`, always the same bytes:

     generate-workloads storm FILE   2.4 M frames of 54 octets: 300 k flows of 8 packets, 50 k alive at once
     generate-workloads web FILE     2.0 M packets, about 770 MB: 100 k flows of 20 packets, 2 k alive at once
     generate-workloads flood FILE   5.0 M SYNs from anywhere, which nobody answers, a million in a second; before it 1000
                                     connections are opened, and all of them speak again behind it

   Classic pcap, microseconds, Ethernet, IPv4, right checksums. Each flow is a whole connection as its two ends would play
   it, from the SYN to the ACK of the second FIN. A new flow begins where one has ended, so that the number alive stays the
   same; which flow speaks next is drawn, so that neighbors in the file belong to different flows, as on a busy link. The
   stamps let a flow wait a fifth of a second (storm) or a tenth (web) between its packets, so a storm lasts ten seconds and
   web two minutes: an analyzer that minds TIME-WAIT holds all of storm's flows at the end, and half of web's. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };
enum { HEADERS = 14 + 20 + 20, TIMESTAMPS = 12, SYN_OPTIONS = 20, MSS = 1460, FULL = MSS - TIMESTAMPS };

/* splitmix64 */
static uint64_t seed = 793;

static uint64_t draw(void)
{
    uint64_t z = seed += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static uint32_t below(uint32_t limit) { return (uint32_t)((draw() >> 32) * limit >> 32); }

/* One flow; side 0 opened it. */
struct flow {
    uint32_t address[2], sequence[2], clock[2], echo[2];
    uint16_t port[2];
    uint16_t request;    /* octets of each of web's three requests */
    uint16_t tail;       /* octets of a response's last segment */
    uint8_t step;
    uint8_t closer;      /* the side that closes first */
};

/* What happens at a step of a flow's life: who speaks, with which flags, how much it carries. */
struct step {
    uint8_t side, flags;
    uint16_t payload;
};

static struct step storm_step(const struct flow *f)
{
    uint8_t a = f->closer, b = !f->closer;
    switch (f->step) {
    case 0: return (struct step){0, SYN, 0};
    case 1: return (struct step){1, SYN | ACK, 0};
    case 2: return (struct step){0, ACK, 0};
    case 3: return (struct step){1, ACK, 0};    /* a window update */
    case 4: return (struct step){a, FIN | ACK, 0};
    case 5: return (struct step){b, ACK, 0};
    case 6: return (struct step){b, FIN | ACK, 0};
    default: return (struct step){a, ACK, 0};
    }
}

static struct step web_step(const struct flow *f)
{
    uint8_t a = f->closer, b = !f->closer;
    switch (f->step) {
    case 0: return (struct step){0, SYN, 0};
    case 1: return (struct step){1, SYN | ACK, 0};
    case 2: return (struct step){0, ACK, 0};
    case 3: case 8: case 13: return (struct step){0, ACK | PSH, f->request};
    case 4: case 9: return (struct step){1, ACK, 0};
    case 5: case 6: case 10: return (struct step){1, ACK, FULL};
    case 11: case 14: return (struct step){1, ACK | PSH, f->tail};
    case 7: case 12: case 15: return (struct step){0, ACK, 0};
    case 16: return (struct step){a, FIN | ACK, 0};
    case 17: return (struct step){b, ACK, 0};
    case 18: return (struct step){b, FIN | ACK, 0};
    default: return (struct step){a, ACK, 0};
    }
}

static uint32_t sum(uint32_t total, const uint8_t *data, unsigned length)
{
    for (unsigned i = 0; i + 1 < length; i += 2)
        total += (uint32_t)data[i] << 8 | data[i + 1];
    if (length & 1)
        total += (uint32_t)data[length - 1] << 8;
    return total;
}

static uint16_t folded(uint32_t total)
{
    while (total >> 16)
        total = (total & 0xFFFF) + (total >> 16);
    return (uint16_t)~total;
}

static uint8_t *put16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; return p + 2; }
static uint8_t *put32(uint8_t *p, uint32_t v) { return put16(put16(p, v >> 16), v & 0xFFFF); }

static uint16_t identification[2];
static uint8_t text[FULL];

static unsigned build(uint8_t *frame, struct flow *f, struct step s, int web, uint64_t now)
{
    unsigned me = s.side, peer = !me;
    unsigned options = !web ? 0 : s.flags & SYN ? SYN_OPTIONS : TIMESTAMPS;
    unsigned segment = 20 + options + s.payload;
    uint8_t *p = frame;

    memcpy(p, me ? "\x02\x00\x00\x00\x07\x0a\x02\x00\x00\x00\x07\x0b" : "\x02\x00\x00\x00\x07\x0b\x02\x00\x00\x00\x07\x0a", 12);
    p = put16(p + 12, 0x0800);

    uint8_t *ip = p;
    p = put16(p, 0x4500);
    p = put16(p, 20 + segment);
    p = put16(p, identification[me]++);
    p = put16(p, 0x4000);
    p = put16(p, 64 << 8 | 6);
    p = put16(p, 0);
    p = put32(p, f->address[me]);
    p = put32(p, f->address[peer]);
    put16(ip + 10, folded(sum(0, ip, 20)));

    uint8_t *tcp = p;
    p = put16(p, f->port[me]);
    p = put16(p, f->port[peer]);
    p = put32(p, f->sequence[me]);
    p = put32(p, s.flags & ACK ? f->sequence[peer] : 0);
    p = put16(p, (20 + options) / 4 << 12 | s.flags);
    p = put16(p, s.flags & SYN ? 64240 : web ? 502 : me ? 65535 : 64240);
    p = put16(p, 0);
    p = put16(p, 0);
    if (web) {
        f->clock[me] = (uint32_t)(now / 1000) + f->address[me];
        if (s.flags & SYN) {
            p = put32(p, 0x02040000 | MSS);
            p = put16(p, 0x0402);            /* SACK permitted */
        } else {
            p = put16(p, 0x0101);
        }
        p = put16(p, 0x080A);
        p = put32(p, f->clock[me]);
        p = put32(p, s.flags & ACK ? f->echo[me] : 0);
        if (s.flags & SYN)
            p = put32(p, 0x01030307);        /* window scale 7 */
        f->echo[peer] = f->clock[me];
    }
    memcpy(p, text, s.payload);
    put16(tcp + 16, folded(sum(sum(6 + segment, ip + 12, 8), tcp, segment)));

    f->sequence[me] += s.payload + !!(s.flags & SYN) + !!(s.flags & FIN);
    return 34 + segment;
}

static void begin(struct flow *f, uint32_t number, int web)
{
    /* 65,000 clients' addresses, each with ports of its own: no four numbers come twice. */
    f->address[0] = 0x0A000000 | (number % 65000 + 256);
    f->address[1] = 0xC6120000 | (number % 200 + 1);
    f->port[0] = (uint16_t)(32768 + number / 65000 * 641 + number % 641);
    f->port[1] = number % 3 ? 443 : 80;
    f->sequence[0] = (uint32_t)draw();
    f->sequence[1] = (uint32_t)draw();
    f->request = (uint16_t)(100 + below(300));
    f->tail = (uint16_t)(100 + below(740));
    f->echo[0] = f->echo[1] = 0;
    f->step = 0;
    f->closer = web ? number % 4 != 0 : number % 2;
}

static void put_record(FILE *file, const uint8_t *frame, unsigned length, uint64_t now)
{
    uint32_t record[4] = {(uint32_t)(now / 1000000), (uint32_t)(now % 1000000), length, length};
    fwrite(record, sizeof record, 1, file);
    fwrite(frame, length, 1, file);
}

enum { QUIET = 1000, SYNS = 5000000 };

static void write_flood(FILE *file)
{
    static struct flow quiet[QUIET];
    uint8_t frame[HEADERS + SYN_OPTIONS + MSS];
    uint64_t now = 1700000000u * 1000000ull;
    for (uint32_t i = 0; i < QUIET; i++)
        begin(&quiet[i], i, 1);
    /* The steps of web's flows up to the first response. */
    for (unsigned step = 0; step < 8; step++)
        for (uint32_t i = 0; i < QUIET; i++) {
            now += 100;
            put_record(file, frame, build(frame, &quiet[i], web_step(&quiet[i]), 1, now), now);
            quiet[i].step++;
        }
    now += 120 * 1000000ull;
    for (uint32_t i = 0; i < SYNS; i++) {
        struct flow f = {0};
        f.address[0] = (uint32_t)(draw() >> 32);
        f.address[1] = 0xC6120001;
        f.port[0] = (uint16_t)(draw() >> 48);
        f.port[1] = 80;
        f.sequence[0] = (uint32_t)draw();
        now += 1;
        put_record(file, frame, build(frame, &f, (struct step){0, SYN, 0}, 0, now), now);
    }
    for (uint32_t i = 0; i < QUIET; i++) {
        now += 100;
        put_record(file, frame, build(frame, &quiet[i], web_step(&quiet[i]), 1, now), now);
    }
}

static void write_flows(FILE *file, int web)
{
    uint32_t flows = web ? 100000 : 300000, alive = web ? 2000 : 50000, steps = web ? 20 : 8;
    struct flow *live = calloc(alive, sizeof *live);
    if (live == NULL) {
        perror("generate-workloads");
        exit(2);
    }
    uint32_t begun = 0, count = alive;
    for (; begun < alive; begun++)
        begin(&live[begun], begun, web);
    uint64_t now = 1700000000u * 1000000ull;
    uint8_t frame[HEADERS + SYN_OPTIONS + MSS];
    while (count > 0) {
        uint32_t at = below(count);
        struct flow *f = &live[at];
        now += 1 + below(web ? 119 : 7);
        put_record(file, frame, build(frame, f, web ? web_step(f) : storm_step(f), web, now), now);
        if (++f->step < steps)
            continue;
        if (begun < flows)
            begin(f, begun++, web);
        else
            *f = live[--count];
    }
    free(live);
}

int main(int argc, char **argv)
{
    int web = argc == 3 && strcmp(argv[1], "web") == 0, flood = argc == 3 && strcmp(argv[1], "flood") == 0;
    if (argc != 3 || (!web && !flood && strcmp(argv[1], "storm") != 0)) {
        fprintf(stderr, "usage: generate-workloads storm|web|flood FILE\n");
        return 64;
    }
    FILE *file = fopen(argv[2], "wb");
    static char buffer[1 << 20];
    if (file == NULL) {
        perror(argv[2]);
        return 2;
    }
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(32 + (draw() >> 40) % 95);

    uint32_t header[6] = {0xA1B2C3D4, 2 | 4 << 16, 0, 0, 262144, 1};
    fwrite(header, sizeof header, 1, file);

    if (flood)
        write_flood(file);
    else
        write_flows(file, web);
    if (ferror(file) || fclose(file) != 0) {
        perror(argv[2]);
        return 2;
    }
    return 0;
}
