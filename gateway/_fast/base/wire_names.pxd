cdef const char* op_name(int op) noexcept nogil
cdef int op_kind(int op) noexcept nogil
cdef bint op_is_batch(int op) noexcept nogil
cdef bint op_is_algo(int op) noexcept nogil
cdef const char* result_name(int result) noexcept nogil
cdef const char* reason_name(int reason) noexcept nogil
cdef const char* state_name(int state) noexcept nogil
cdef const char* algo_state_name(int state) noexcept nogil
cdef const char* proof_name(int proof) noexcept nogil
cdef const char* topic_name(int topic) noexcept nogil
cdef const char* source_name(int source) noexcept nogil
cdef const char* cancel_reason(const char* cancel_source, unsigned int n) noexcept nogil
cdef bint is_users_cancel(const char* cancel_source, unsigned int n) noexcept nogil
cdef bint is_terminal(int state) noexcept nogil
cdef bint algo_has_ended(int state) noexcept nogil
cdef int algo_state_of(const char* p, unsigned int n) noexcept nogil
cdef int state_of(const char* p, unsigned int n) noexcept nogil
cdef int op_of(const char* p, unsigned int n) noexcept nogil
cdef int result_of(const char* p, unsigned int n) noexcept nogil
cdef int reason_of(const char* p, unsigned int n) noexcept nogil
