#include "zmq_calls.h"

#include <dlfcn.h>
#include <string.h>

#include "bursts.h"

struct zmq_calls zmq;

/* POSIX lets a function's address travel through `void *`, ISO C has no cast for it. */
static void take(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    if (!symbol)
        fail(name, "not in this libzmq");
    memcpy(function, &symbol, sizeof symbol);
}

void zmq_load(const char *shared_object)
{
    void *library = dlopen(shared_object, RTLD_NOW);
    if (!library)
        fail(shared_object, dlerror());
    take(library, "zmq_ctx_new", &zmq.ctx_new);
    take(library, "zmq_socket", &zmq.socket);
    take(library, "zmq_bind", &zmq.bind);
    take(library, "zmq_connect", &zmq.connect);
    take(library, "zmq_setsockopt", &zmq.setsockopt);
    take(library, "zmq_send", &zmq.send);
    take(library, "zmq_recv", &zmq.recv);
    take(library, "zmq_errno", &zmq.errno_of);
    take(library, "zmq_strerror", &zmq.strerror);
}

const char *zmq_reason(void)
{
    return zmq.strerror(zmq.errno_of());
}

void *zmq_bound(void *context, int type, const char *endpoint)
{
    void *socket = zmq.socket(context, type);
    if (!socket || zmq.bind(socket, endpoint) < 0)
        fail(endpoint, zmq_reason());
    return socket;
}

void *zmq_connected(void *context, int type, const char *endpoint)
{
    void *socket = zmq.socket(context, type);
    if (!socket || zmq.connect(socket, endpoint) < 0)
        fail(endpoint, zmq_reason());
    return socket;
}
