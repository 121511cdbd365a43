/*
 * Writes lines of 100 bytes to standard output, one write(2) each, as fast as it can: its pid, a number that counts up from
 * 0, padding. Arguments: a folder, and for how many seconds. It tells that it is there with the file FOLDER/ready/PID, begins
 * when there is FOLDER/go, tells in FOLDER/done/PID how many lines it wrote, and then sleeps for ever.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void tell(const char *folder, const char *what, long value) {
  char path[4096], temporary[4096];
  snprintf(path, sizeof path, "%s/%s/%d", folder, what, getpid());
  snprintf(temporary, sizeof temporary, "%s/%d.%s", folder, getpid(), what);
  FILE *file = fopen(temporary, "w");
  fprintf(file, "%ld", value);
  fclose(file);
  rename(temporary, path);
}

static void put(char *line, size_t length) {
  while (length > 0) {
    ssize_t written = write(1, line, length);
    if (written < 0) exit(1);
    line += written;
    length -= written;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  char go[4096], line[LINE + 1];
  snprintf(go, sizeof go, "%s/go", argv[1]);
  snprintf(line, sizeof line, "%010d %010d ", getpid(), 0);
  memset(line + 22, 'x', LINE - 23);
  line[LINE - 1] = '\n';

  tell(argv[1], "ready", 0);
  while (access(go, F_OK) != 0) usleep(1000);

  long count = 0;
  for (double end = now() + atof(argv[2]); now() < end;) {
    /* Looking at the clock costs as much as a part of a write. */
    for (int i = 0; i < 32; i++, count++) {
      long rest = count;
      for (int at = 20; at > 10; at--, rest /= 10) line[at] = '0' + rest % 10;
      put(line, LINE);
    }
  }
  tell(argv[1], "done", count);
  for (;;) pause();
}
