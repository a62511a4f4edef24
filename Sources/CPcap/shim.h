#ifndef POSTEL_CPCAP_SHIM_H
#define POSTEL_CPCAP_SHIM_H
#include <pcap/pcap.h>
#endif
