# The journal's files. One thread in C, which never holds the GIL, makes each segment ready before it is needed
# (allocated, mapped, touched), writes to disk in groups, and closes what is full. Between it and the hot thread stand
# three words of memory: `standby` (made ready, taken by the hot thread), `current`, and `ended` (a list that only the
# hot thread adds to).
from libc.stdint cimport int64_t, uint64_t

from gateway._fast.journal.format cimport JOURNAL_HEADER

cdef extern from *:
    """
    #include <errno.h>
    #include <fcntl.h>
    #include <pthread.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <time.h>
    #include <unistd.h>

    #define JOURNAL_PATH_MAX 4096
    #define JOURNAL_PAGE 4096
    /* Touched again before the hot thread gets there: the kernel write-protects pages that it wrote to disk. */
    #define JOURNAL_TOUCH_AHEAD ((size_t)1 << 20)
    #define JOURNAL_RETRY_NS 200000000

    typedef struct journal_segment {
        char* map;
        size_t size;
        size_t used;            /* bytes, written by the hot thread */
        size_t synced;          /* the thread's own: bytes known to be on disk */
        uint64_t number;
        int fd;
        int bad;                /* the disk refused it */
        struct journal_segment* next;
        char path[JOURNAL_PATH_MAX];
    } journal_segment;

    typedef struct journal_files {
        journal_segment* current;
        journal_segment* standby;
        journal_segment* ended;
        uint64_t next_number;
        uint64_t oldest;        /* segments below `keep_from` are removed, from here on */
        uint64_t keep_from;
        size_t segment_bytes;
        int64_t interval_ns;
        int64_t retry_at_ns;
        int64_t synced_ns;      /* monotonic: when the last group was on disk */
        int64_t sync_ns_max;
        int64_t syncs;
        int to_disk;
        int make_error;         /* errno of the last segment that could not be made; 0: well */
        int sync_error;         /* errno of the last failed write to disk; 0: well */
        int stopping;
        int started;
        pthread_t thread;
        pthread_mutex_t lock;
        pthread_cond_t wake;
        char header[JOURNAL_HEADER];
        char directory[JOURNAL_PATH_MAX - 64];
        void (*seal)(char* header, uint64_t number, int64_t created_ns);
    } journal_files;

    static int64_t journal_now(clockid_t clock) {
        struct timespec now;
        clock_gettime(clock, &now);
        return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    }

    static void journal_name(journal_files* files, uint64_t number, char* path) {
        snprintf(path, JOURNAL_PATH_MAX, "%s/%010llu.journal", files->directory, (unsigned long long)number);
    }

    static void journal_touch(journal_segment* segment, size_t from, size_t to) {
        /* An atomic `or` of nothing: the page becomes writable, whatever the hot thread writes beside it. */
        for (; from < to && from < segment->size; from += JOURNAL_PAGE)
            __atomic_fetch_or(segment->map + from, 0, __ATOMIC_RELAXED);
    }

    static int journal_sync_directory(journal_files* files) {
        int fd = open(files->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed;
        if (fd < 0)
            return errno;
        failed = fsync(fd) != 0 ? errno : 0;
        close(fd);
        return failed;
    }

    static int journal_fill(journal_files* files, journal_segment* segment) {
        char header[JOURNAL_HEADER];
        int failed = posix_fallocate(segment->fd, 0, (off_t)segment->size);
        if (failed != 0)
            return failed;
        memcpy(header, files->header, JOURNAL_HEADER);
        files->seal(header, segment->number, journal_now(CLOCK_REALTIME));
        if (pwrite(segment->fd, header, JOURNAL_HEADER, 0) != JOURNAL_HEADER)
            return errno != 0 ? errno : EIO;
        if (fdatasync(segment->fd) != 0)
            return errno;
        if ((failed = journal_sync_directory(files)) != 0)
            return failed;
        segment->map = mmap(NULL, segment->size, PROT_READ | PROT_WRITE, MAP_SHARED, segment->fd, 0);
        if (segment->map == MAP_FAILED) {
            segment->map = NULL;
            return errno;
        }
        journal_touch(segment, 0, segment->size);
        return 0;
    }

    static int journal_make(journal_files* files) {
        journal_segment* segment = calloc(1, sizeof(journal_segment));
        int failed;
        if (segment == NULL)
            return ENOMEM;
        segment->number = files->next_number;
        segment->size = files->segment_bytes;
        segment->used = segment->synced = JOURNAL_HEADER;
        journal_name(files, segment->number, segment->path);
        segment->fd = open(segment->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (segment->fd < 0) {
            failed = errno;
            free(segment);
            return failed;
        }
        failed = journal_fill(files, segment);
        if (failed != 0) {
            if (segment->map != NULL)
                munmap(segment->map, segment->size);
            close(segment->fd);
            unlink(segment->path);
            free(segment);
            return failed;
        }
        files->next_number++;
        __atomic_store_n(&files->standby, segment, __ATOMIC_RELEASE);
        return 0;
    }

    static int journal_write_out(journal_files* files, journal_segment* segment) {
        /* Everything written so far, to disk. Only pages with something new are asked for. */
        size_t used = __atomic_load_n(&segment->used, __ATOMIC_ACQUIRE);
        size_t from = segment->synced & ~(size_t)(JOURNAL_PAGE - 1);
        int64_t began = journal_now(CLOCK_MONOTONIC), took;
        if (used == segment->synced)
            return 0;
        if (msync(segment->map + from, used - from, MS_SYNC) != 0) {
            __atomic_store_n(&segment->bad, 1, __ATOMIC_RELEASE);
            return errno;
        }
        segment->synced = used;
        files->synced_ns = journal_now(CLOCK_MONOTONIC);
        took = files->synced_ns - began;
        files->syncs++;
        if (took > files->sync_ns_max)
            files->sync_ns_max = took;
        return 0;
    }

    static int journal_close(journal_files* files, journal_segment* segment, int keep) {
        int failed = keep ? journal_write_out(files, segment) : 0;
        munmap(segment->map, segment->size);
        if (keep && ftruncate(segment->fd, (off_t)segment->used) != 0)
            failed = errno;
        close(segment->fd);
        if (!keep)
            unlink(segment->path);
        free(segment);
        return failed;
    }

    static int journal_close_ended(journal_files* files) {
        journal_segment* segment = __atomic_exchange_n(&files->ended, NULL, __ATOMIC_ACQ_REL);
        int failed = 0, error;
        while (segment != NULL) {
            journal_segment* next = segment->next;
            if ((error = journal_close(files, segment, 1)) != 0)
                failed = error;
            segment = next;
        }
        return failed;
    }

    static void journal_remove_old(journal_files* files) {
        char path[JOURNAL_PATH_MAX];
        uint64_t keep_from = __atomic_load_n(&files->keep_from, __ATOMIC_RELAXED);
        for (; files->oldest < keep_from; files->oldest++) {
            journal_name(files, files->oldest, path);
            unlink(path);
        }
    }

    static void journal_turn(journal_files* files) {
        journal_segment* segment;
        size_t used;
        int64_t now = journal_now(CLOCK_MONOTONIC);
        int sync_error = journal_close_ended(files), error;
        segment = __atomic_load_n(&files->current, __ATOMIC_ACQUIRE);
        if (segment != NULL) {
            if (segment->bad)
                sync_error = files->sync_error;
            else if (files->to_disk && (error = journal_write_out(files, segment)) != 0)
                sync_error = error;
            used = __atomic_load_n(&segment->used, __ATOMIC_RELAXED) & ~(size_t)(JOURNAL_PAGE - 1);
            journal_touch(segment, used, used + JOURNAL_TOUCH_AHEAD);
        }
        if (__atomic_load_n(&files->standby, __ATOMIC_RELAXED) == NULL && now >= files->retry_at_ns) {
            int failed = journal_make(files);
            __atomic_store_n(&files->make_error, failed, __ATOMIC_RELAXED);
            files->retry_at_ns = failed != 0 ? now + JOURNAL_RETRY_NS : 0;
        }
        __atomic_store_n(&files->sync_error, sync_error, __ATOMIC_RELAXED);
        journal_remove_old(files);
    }

    static void* journal_thread(void* argument) {
        journal_files* files = argument;
        struct timespec until;
        int64_t at;
        pthread_mutex_lock(&files->lock);
        while (!files->stopping) {
            pthread_mutex_unlock(&files->lock);
            journal_turn(files);
            pthread_mutex_lock(&files->lock);
            at = journal_now(CLOCK_MONOTONIC) + files->interval_ns;
            until.tv_sec = at / 1000000000;
            until.tv_nsec = at % 1000000000;
            if (!files->stopping)
                pthread_cond_timedwait(&files->wake, &files->lock, &until);
        }
        pthread_mutex_unlock(&files->lock);
        return NULL;
    }

    static inline int journal_start(journal_files* files) {
        pthread_condattr_t attributes;
        int failed;
        pthread_mutex_init(&files->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&files->wake, &attributes);
        pthread_condattr_destroy(&attributes);
        journal_turn(files);
        failed = pthread_create(&files->thread, NULL, journal_thread, files);
        files->started = failed == 0;
        return failed;
    }

    static inline void journal_stop(journal_files* files) {
        journal_segment* segment;
        if (files->started) {
            pthread_mutex_lock(&files->lock);
            files->stopping = 1;
            pthread_cond_signal(&files->wake);
            pthread_mutex_unlock(&files->lock);
            pthread_join(files->thread, NULL);
            files->started = 0;
        }
        journal_close_ended(files);
        if ((segment = files->current) != NULL)
            journal_close(files, segment, 1);
        if ((segment = files->standby) != NULL)
            journal_close(files, segment, 0);
        files->current = files->standby = NULL;
        journal_remove_old(files);
    }

    static inline journal_segment* journal_take_spare(journal_files* files) {
        return __atomic_exchange_n(&files->standby, NULL, __ATOMIC_ACQ_REL);
    }

    static inline void journal_change(journal_files* files, journal_segment* ended, journal_segment* fresh) {
        __atomic_store_n(&files->current, fresh, __ATOMIC_RELEASE);
        if (ended == NULL)
            return;
        ended->next = __atomic_load_n(&files->ended, __ATOMIC_RELAXED);
        while (!__atomic_compare_exchange_n(&files->ended, &ended->next, ended, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            ;
    }

    static inline int journal_has_spare(journal_files* files) {
        return __atomic_load_n(&files->standby, __ATOMIC_RELAXED) != NULL;
    }

    static inline int journal_is_bad(journal_segment* segment) {
        return __atomic_load_n(&segment->bad, __ATOMIC_RELAXED);
    }

    static inline size_t journal_synced(journal_segment* segment) {
        return __atomic_load_n(&segment->synced, __ATOMIC_RELAXED);
    }

    static inline void journal_keep_from(journal_files* files, uint64_t number) {
        __atomic_store_n(&files->keep_from, number, __ATOMIC_RELAXED);
    }

    static inline void journal_publish(journal_segment* segment, char* record, uint32_t length, size_t used) {
        /* The length comes last: a reader, and the next start, see the whole record or none. */
        __atomic_store_n((uint32_t*)(void*)record, length, __ATOMIC_RELEASE);
        __atomic_store_n(&segment->used, used, __ATOMIC_RELEASE);
    }
    """
    ctypedef struct journal_segment:
        char* map
        size_t size
        size_t used
        uint64_t number

    ctypedef struct journal_files:
        journal_segment* current
        uint64_t next_number
        uint64_t oldest
        uint64_t keep_from
        size_t segment_bytes
        int64_t interval_ns
        int64_t synced_ns
        int64_t sync_ns_max
        int64_t syncs
        int to_disk
        int make_error
        int sync_error
        char* header
        char* directory
        void (*seal)(char* header, uint64_t number, int64_t created_ns) noexcept nogil

    enum:
        JOURNAL_PATH_MAX

    int journal_start(journal_files* files) noexcept nogil
    void journal_stop(journal_files* files) noexcept nogil
    journal_segment* journal_take_spare(journal_files* files) noexcept nogil
    void journal_change(journal_files* files, journal_segment* ended, journal_segment* fresh) noexcept nogil
    bint journal_has_spare(journal_files* files) noexcept nogil
    size_t journal_synced(journal_segment* segment) noexcept nogil
    void journal_keep_from(journal_files* files, uint64_t number) noexcept nogil
    bint journal_is_bad(journal_segment* segment) noexcept nogil
    void journal_publish(journal_segment* segment, char* record, unsigned int length, size_t used) noexcept nogil
