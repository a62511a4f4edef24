#ifndef POSTEL_CLINUX_SHIM_H
#define POSTEL_CLINUX_SHIM_H
// Declared by <sched.h> for _GNU_SOURCE only, which the module of the C library is built without: setns(2).
extern int setns(int fd, int nstype);

// Declared by no header of the C library, though it has them: capget(2), capset(2).
struct postel_capability_header { unsigned int version; int pid; };
struct postel_capability_data { unsigned int effective, permitted, inheritable; };
extern int capget(struct postel_capability_header *header, struct postel_capability_data *data);
extern int capset(struct postel_capability_header *header, const struct postel_capability_data *data);

// prctl(2) takes a varying number of arguments, which Swift does not call.
#include <sys/prctl.h>
static inline int postel_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
#endif
