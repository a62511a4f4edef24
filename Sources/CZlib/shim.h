#ifndef POSTEL_CZLIB_SHIM_H
#define POSTEL_CZLIB_SHIM_H
#include <zlib.h>
#endif
