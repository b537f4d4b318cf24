// A disk that fails, for test/faults. The file `fault` says what happens at the Nth fsync of a place with this end: `fail N END`
// is an error, `kill N END` the end of the process after it. And nobody need sync `/`.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int fd) {
    static int seen = 0;
    char at[32], place[4096] = "", what[8] = "", end[256] = "";
    int nth = 0, here = 0;
    snprintf(at, sizeof at, "/proc/self/fd/%d", fd);
    if (readlink(at, place, sizeof place - 1) < 0) return -1;
    FILE *fault = fopen("fault", "r");
    if (fault) {
        size_t length = strlen(place);
        here = fscanf(fault, "%7s %d %255s", what, &nth, end) == 3 && length >= strlen(end)
            && !strcmp(place + length - strlen(end), end) && ++seen == nth;
        fclose(fault);
    }
    if (!strcmp(place, "/") || (here && !strcmp(what, "fail"))) return errno = EIO, -1;
    int status = syscall(SYS_fsync, fd);
    if (here && !strcmp(what, "kill")) kill(getpid(), SIGKILL);
    return status;
}
