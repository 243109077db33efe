/* Keeps every core from sleeping until SIGTERM: one spinning process per core, of the scheduler's idle class, so that any
 * other work takes the core from it at once. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void spin_on(int core, pid_t parent)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    struct sched_param none = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || sched_setaffinity(0, sizeof cores, &cores) < 0 ||
        sched_setscheduler(0, SCHED_IDLE, &none) < 0)
        _exit(1);
    for (;;)
        __asm__ volatile(""); /* no PAUSE: a hypervisor may take it as an offer to yield the core */
}

int main(void)
{
    pid_t parent = getpid();
    cpu_set_t cores;
    sigset_t stop;
    int signal_number, count = 0;
    pid_t spinners[CPU_SETSIZE];
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (sched_getaffinity(0, sizeof cores, &cores) < 0)
        return 1;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, &cores))
            continue;
        spinners[count] = fork();
        if (spinners[count] == 0)
            spin_on(core, parent);
        count += spinners[count] > 0;
    }
    puts("spinning");
    fflush(stdout);
    sigwait(&stop, &signal_number);
    for (int i = 0; i < count; i++) {
        kill(spinners[i], SIGKILL);
        waitpid(spinners[i], NULL, 0);
    }
    return 0;
}
