#ifndef POSTEL_CPREFETCH_H
#define POSTEL_CPREFETCH_H
// Asks for the cache line at an address, which may be any: the one instruction that Swift has no word for.
static inline void postel_prefetch(const void *address) { __builtin_prefetch(address); }
#endif
