/*
 * The limit: the least a process manager can do. It keeps COUNT processes alive, each in a session of its own, and
 * nothing else. What it takes is what the kernel takes.
 *
 *     limit COUNT PROGRAM [ARGUMENT...]      SIGTERM stops all of it
 */
#define _GNU_SOURCE
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static posix_spawnattr_t attributes;

static pid_t launch(char **command) {
  pid_t pid;
  if (posix_spawnp(&pid, command[0], NULL, &attributes, command, environ) != 0) exit(1);
  return pid;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int count = atoi(argv[1]);
  char **command = argv + 2;
  pid_t *pids = calloc(count, sizeof *pids);

  sigset_t none, awaited;
  sigemptyset(&none);
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  sigprocmask(SIG_BLOCK, &awaited, NULL);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);

  for (int i = 0; i < count; i++) pids[i] = launch(command);

  while (sigwaitinfo(&awaited, NULL) != SIGTERM) {
    pid_t dead;
    while ((dead = waitpid(-1, NULL, WNOHANG)) > 0)
      for (int i = 0; i < count; i++)
        if (pids[i] == dead) {
          pids[i] = launch(command);
          break;
        }
  }

  for (int i = 0; i < count; i++) kill(pids[i], SIGTERM);
  while (wait(NULL) > 0) continue;
  return 0;
}
