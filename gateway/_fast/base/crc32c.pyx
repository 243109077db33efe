"""Pure. CRC32C (Castagnoli), the check sum of the journal: by the processor's instruction where it has one, else by
tables.

Source: RFC 3720, section 12.1 and appendix B.4 (polynomial 0x1EDC6F41, reflected; test vectors).
"""

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #include <string.h>

    static uint32_t gateway_crc_tables[8][256];
    static int gateway_crc_instruction;

    static uint32_t gateway_crc_by_table(uint32_t crc, const char* text, size_t n) {
        const unsigned char* p = (const unsigned char*)text;
        for (; n >= 8; p += 8, n -= 8) {
            uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
            crc = gateway_crc_tables[7][low & 255] ^ gateway_crc_tables[6][low >> 8 & 255]
                ^ gateway_crc_tables[5][low >> 16 & 255] ^ gateway_crc_tables[4][low >> 24]
                ^ gateway_crc_tables[3][p[4]] ^ gateway_crc_tables[2][p[5]]
                ^ gateway_crc_tables[1][p[6]] ^ gateway_crc_tables[0][p[7]];
        }
        for (; n > 0; p++, n--)
            crc = gateway_crc_tables[0][(crc ^ *p) & 255] ^ crc >> 8;
        return crc;
    }

    #if defined(__x86_64__)
    #include <nmmintrin.h>
    __attribute__((target("sse4.2")))
    static uint32_t gateway_crc_by_instruction(uint32_t crc, const char* p, size_t n) {
        uint64_t wide = crc, word;
        for (; n >= 8; p += 8, n -= 8) {
            memcpy(&word, p, 8);
            wide = _mm_crc32_u64(wide, word);
        }
        crc = (uint32_t)wide;
        for (; n > 0; p++, n--)
            crc = _mm_crc32_u8(crc, (unsigned char)*p);
        return crc;
    }
    #else
    static uint32_t gateway_crc_by_instruction(uint32_t crc, const char* p, size_t n) {
        return gateway_crc_by_table(crc, p, n);
    }
    #endif

    static void gateway_crc_setup(void) {
        uint32_t i, k;
        for (i = 0; i < 256; i++) {
            uint32_t crc = i;
            for (k = 0; k < 8; k++)
                crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
            gateway_crc_tables[0][i] = crc;
        }
        for (k = 1; k < 8; k++)
            for (i = 0; i < 256; i++)
                gateway_crc_tables[k][i] =
                    gateway_crc_tables[k - 1][i] >> 8 ^ gateway_crc_tables[0][gateway_crc_tables[k - 1][i] & 255];
    #if defined(__x86_64__)
        gateway_crc_instruction = __builtin_cpu_supports("sse4.2") != 0;
    #endif
    }
    """
    int gateway_crc_instruction
    uint32_t gateway_crc_by_table(uint32_t crc, const char* p, size_t n) noexcept nogil
    uint32_t gateway_crc_by_instruction(uint32_t crc, const char* p, size_t n) noexcept nogil
    void gateway_crc_setup() noexcept nogil

gateway_crc_setup()


cdef uint32_t crc32c_of(uint32_t crc, const char* p, size_t n) noexcept nogil:
    """The check sum of what `crc` stands for (0: nothing) followed by these bytes."""
    if gateway_crc_instruction:
        return ~gateway_crc_by_instruction(~crc, p, n)
    return ~gateway_crc_by_table(~crc, p, n)


def crc32c(bytes text not None, uint32_t crc=0):
    """The check sum of what `crc` stands for (0: nothing) followed by `text`."""
    return crc32c_of(crc, text, len(text))


def crc32c_by_table(bytes text not None, uint32_t crc=0):
    """The same, without the processor's instruction."""
    return <uint32_t>~gateway_crc_by_table(~crc, text, len(text))


def has_crc_instruction():
    """This processor has CRC32C built in (x86-64: SSE4.2)."""
    return bool(gateway_crc_instruction)
