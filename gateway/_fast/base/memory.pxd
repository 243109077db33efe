# Memory of the tables: zeroed, in huge pages where the kernel gives them, and touched, so that the first order does not
# pay for page faults (up to 27 ms each was seen).

cdef extern from *:
    """
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>

    static void* gateway_take_memory(size_t count, size_t size) {
        const size_t huge = (size_t)2 << 20, page = 4096;
        size_t n, i;
        void* memory = NULL;
        if (__builtin_mul_overflow(count, size, &n))
            return NULL;
        if (n < huge) {
            memory = calloc(count, size);
        } else {
            n = (n + huge - 1) / huge * huge;
            if (posix_memalign(&memory, huge, n) != 0)
                return NULL;
            madvise(memory, n, MADV_HUGEPAGE);
            memset(memory, 0, n);
        }
        if (memory != NULL)
            for (i = 0; i < n; i += page)
                ((volatile char*)memory)[i] = 0;
        return memory;
    }
    """
    void* take_memory "gateway_take_memory"(size_t count, size_t size) nogil
