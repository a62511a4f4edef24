/* Writes one of the workloads of `make bench`, always the same bytes:

     generate-workloads NAME FILE [FLOWS [ALIVE]]

   storm     2.4 M frames of 54 octets: 300 k flows of 8 packets, 50 k alive at once
   web       2.0 M packets, about 770 MB: 100 k flows of 20 packets, 2 k alive at once
   flood     5.0 M SYNs from anywhere, which nobody answers, a million in a second; before it 1000 connections are opened, and
             all of them speak again behind it
   elephant  one flow: 5 M segments, one in a hundred lost and sent again, one in a hundred overtaken by the next
   churn     1.6 M packets: 200 pairs of sockets, each of which is used again within TIME-WAIT, 1000 times
   million   4 M packets: a million connections are opened, each has a request and its ACK, and none ends
   million6  the same over IPv6
   v6        storm over IPv6
   tags      storm in a VLAN and in VXLAN
   long      ten times web, cut to 96 octets a packet

   FLOWS and ALIVE make another size of all but flood and elephant.

   Classic pcap, microseconds, Ethernet, right checksums. Each flow is a whole connection as its two ends would play
   it, from the SYN to the ACK of the second FIN. A new flow begins where one has ended, so that the number alive stays the
   same; which flow speaks next is drawn, so that neighbors in the file belong to different flows, as on a busy link. The
   stamps let a flow wait a fifth of a second (storm) or a tenth (web) between its packets, so a storm lasts ten seconds and
   web two minutes: an analyzer that minds TIME-WAIT holds all of storm's flows at the end, and half of web's. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };
enum { TAGS = 4 + 20 + 8 + 8 + 14, HEADERS = 14 + TAGS + 40 + 20, TIMESTAMPS = 12, SYN_OPTIONS = 20, MSS = 1460, FULL = MSS - TIMESTAMPS };

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

/* How packets are dressed. */
static int is_v6, is_tagged, snapshot = 262144;
static uint16_t identification[2];
static uint8_t text[FULL];

static uint8_t *put_ethernet(uint8_t *p, unsigned me, uint16_t type)
{
    memcpy(p, me ? "\x02\x00\x00\x00\x07\x0a\x02\x00\x00\x00\x07\x0b" : "\x02\x00\x00\x00\x07\x0b\x02\x00\x00\x00\x07\x0a", 12);
    return put16(p + 12, type);
}

static uint8_t *put_ipv4(uint8_t *p, unsigned length, uint16_t id, uint8_t protocol, uint32_t from, uint32_t to)
{
    uint8_t *ip = p;
    p = put16(p, 0x4500);
    p = put16(p, length);
    p = put16(p, id);
    p = put16(p, 0x4000);
    p = put16(p, 64 << 8 | protocol);
    p = put16(p, 0);
    p = put32(p, from);
    p = put32(p, to);
    put16(ip + 10, folded(sum(0, ip, 20)));
    return p;
}

static uint8_t *put_ipv6(uint8_t *p, unsigned length, const struct flow *f, unsigned me)
{
    p = put32(p, 0x60000000);
    p = put16(p, length);
    p = put16(p, 6 << 8 | 64);
    for (unsigned i = 0; i < 2; i++) {
        p = put32(p, 0x20010DB8);
        p = put32(p, 0);
        p = put32(p, 0);
        p = put32(p, f->address[i ? !me : me]);
    }
    return p;
}

/* A frame in VLAN 793, and in it the frame of the flow in a VXLAN. */
static uint8_t *put_tags(uint8_t *p, unsigned me, unsigned inner)
{
    p = put_ethernet(p, me, 0x8100);
    p = put16(p, 793);
    p = put16(p, 0x0800);
    p = put_ipv4(p, 20 + 8 + 8 + inner, 0, 17, 0xC0000201 + me, 0xC0000202 - me);
    p = put16(p, 49152);
    p = put16(p, 4789);
    p = put16(p, 8 + 8 + inner);
    p = put16(p, 0);
    p = put32(p, 0x08000000);
    return put32(p, 5001 << 8);
}

static unsigned build(uint8_t *frame, struct flow *f, struct step s, int web, uint64_t now)
{
    unsigned me = s.side, peer = !me;
    unsigned options = !web ? 0 : s.flags & SYN ? SYN_OPTIONS : TIMESTAMPS;
    unsigned segment = 20 + options + s.payload;
    uint8_t *p = frame;

    if (is_tagged)
        p = put_tags(p, me, 14 + 20 + segment);
    p = put_ethernet(p, me, is_v6 ? 0x86DD : 0x0800);
    uint8_t *ip = p;
    if (is_v6)
        p = put_ipv6(p, segment, f, me);
    else
        p = put_ipv4(p, 20 + segment, identification[me]++, 6, f->address[me], f->address[peer]);

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
    uint32_t addresses = is_v6 ? sum(6 + segment, ip + 8, 32) : sum(6 + segment, ip + 12, 8);
    put16(tcp + 16, folded(sum(addresses, tcp, segment)));

    f->sequence[me] += s.payload + !!(s.flags & SYN) + !!(s.flags & FIN);
    return (unsigned)(tcp - frame) + segment;
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
    uint32_t kept = length < (unsigned)snapshot ? length : (unsigned)snapshot;
    uint32_t record[4] = {(uint32_t)(now / 1000000), (uint32_t)(now % 1000000), kept, length};
    fwrite(record, sizeof record, 1, file);
    fwrite(frame, kept, 1, file);
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

static void write_flows(FILE *file, int web, uint32_t flows, uint32_t alive)
{
    uint32_t steps = web ? 20 : 8;
    flows = flows ? flows : web ? 100000 : 300000;
    alive = alive ? alive : web ? 2000 : 50000;
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

/* Text goes one way, as fast as it can; the receiver acknowledges every second segment. */
static void write_elephant(FILE *file)
{
    static struct flow f;
    uint8_t frame[HEADERS + SYN_OPTIONS + MSS], late[HEADERS + SYN_OPTIONS + MSS], again[HEADERS + SYN_OPTIONS + MSS];
    unsigned late_length = 0, again_length = 0, wait = 0;
    uint64_t now = 1700000000u * 1000000ull;
    begin(&f, 0, 1);
    for (f.step = 0; f.step < 3; f.step++, now += 20000)
        put_record(file, frame, build(frame, &f, web_step(&f), 1, now), now);
    for (uint32_t i = 0; i < 5000000; i++) {
        now += 12;
        unsigned length = build(frame, &f, (struct step){1, ACK, FULL}, 1, now);
        uint32_t fate = below(100);
        if (fate == 0 && !again_length) {           /* lost before it passes, sent again a round trip later */
            memcpy(again, frame, length);
            again_length = length;
            wait = 3000;
        } else if (fate == 1 && !late_length) {     /* overtaken by the next one */
            memcpy(late, frame, length);
            late_length = length;
        } else {
            put_record(file, frame, length, now);
            if (late_length)
                put_record(file, late, late_length, now);
            late_length = 0;
        }
        if (again_length && --wait == 0) {
            put_record(file, again, again_length, now);
            again_length = 0;
        }
        if (i % 2)
            put_record(file, frame, build(frame, &f, (struct step){0, ACK, 0}, 1, now), now);
    }
}

/* Each pair of sockets opens and closes again and again, a third of a second apart, with a new ISN each time. */
static void write_churn(FILE *file, uint32_t rounds)
{
    enum { PAIRS = 200 };
    static struct flow pairs[PAIRS];
    uint8_t frame[HEADERS + SYN_OPTIONS + MSS];
    uint64_t now = 1700000000u * 1000000ull;
    for (uint32_t round = 0; round < (rounds ? rounds : 1000); round++) {
        for (uint32_t i = 0; i < PAIRS; i++)
            begin(&pairs[i], i, 0);
        for (unsigned step = 0; step < 8; step++)
            for (uint32_t i = 0; i < PAIRS; i++, pairs[i - 1].step++) {
                now += 200;
                put_record(file, frame, build(frame, &pairs[i], storm_step(&pairs[i]), 0, now), now);
            }
    }
}

static void write_million(FILE *file, uint32_t flows)
{
    flows = flows ? flows : 1000000;
    struct flow *all = calloc(flows, sizeof *all);
    uint8_t frame[HEADERS + SYN_OPTIONS + MSS];
    uint64_t now = 1700000000u * 1000000ull;
    if (all == NULL) {
        perror("generate-workloads");
        exit(2);
    }
    for (uint32_t i = 0; i < flows; i++) {
        begin(&all[i], i, 1);
        all[i].port[0] = (uint16_t)(1024 + i / 65000 * 641 + i % 641);
    }
    for (unsigned step = 0; step < 5; step++)
        for (uint32_t i = 0; i < flows; i++, all[i - 1].step++) {
            now += 1;
            put_record(file, frame, build(frame, &all[i], web_step(&all[i]), 1, now), now);
        }
    free(all);
}

int main(int argc, char **argv)
{
    static const char names[] = " storm web flood elephant churn million million6 v6 tags long ";
    char wanted[32] = "";
    if (argc >= 3)
        snprintf(wanted, sizeof wanted, " %s ", argv[1]);
    if (argc < 3 || argc > 5 || strchr(argv[1], ' ') || strstr(names, wanted) == NULL) {
        fprintf(stderr, "usage: generate-workloads NAME FILE [FLOWS [ALIVE]]\nNAME:%s\n", names);
        return 64;
    }
    const char *name = argv[1];
    uint32_t flows = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    uint32_t alive = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0;
    is_v6 = strcmp(name, "v6") == 0 || strcmp(name, "million6") == 0;
    is_tagged = strcmp(name, "tags") == 0;
    if (strcmp(name, "long") == 0)
        snapshot = 96;

    FILE *file = fopen(argv[2], "wb");
    static char buffer[1 << 20];
    if (file == NULL) {
        perror(argv[2]);
        return 2;
    }
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    for (unsigned i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(32 + (draw() >> 40) % 95);

    uint32_t header[6] = {0xA1B2C3D4, 2 | 4 << 16, 0, 0, (uint32_t)snapshot, 1};
    fwrite(header, sizeof header, 1, file);

    if (strcmp(name, "flood") == 0)
        write_flood(file);
    else if (strcmp(name, "elephant") == 0)
        write_elephant(file);
    else if (strcmp(name, "churn") == 0)
        write_churn(file, flows);
    else if (strncmp(name, "million", 7) == 0)
        write_million(file, flows);
    else if (strcmp(name, "long") == 0)
        write_flows(file, 1, flows ? flows : 1000000, alive);
    else
        write_flows(file, strcmp(name, "web") == 0, flows, alive);
    if (ferror(file) || fclose(file) != 0) {
        perror(argv[2]);
        return 2;
    }
    return 0;
}
