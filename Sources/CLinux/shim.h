#ifndef POSTEL_CLINUX_SHIM_H
#define POSTEL_CLINUX_SHIM_H
// Declared by <sched.h> for _GNU_SOURCE only, which the module of the C library is built without: setns(2).
extern int setns(int fd, int nstype);
#endif
