/* The floor of every call over pipes: two processes hand one byte to and fro.
   pingpong ROUNDS CPU CPU  (a CPU of -1: wherever the scheduler likes)  prints the median round trip in ns. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (cpu >= 0 && sched_setaffinity(0, sizeof set, &set) != 0) exit(3);
}

static long now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000L + at.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  long x = *(const long *)a, y = *(const long *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int there[2], back[2];
  if (argc != 4 || pipe(there) || pipe(back)) return 2;
  int rounds = atoi(argv[1]);
  char byte = 'x';
  if (fork() == 0) {
    close(there[1]);
    stay_on(atoi(argv[3]));
    while (read(there[0], &byte, 1) == 1) if (write(back[1], &byte, 1) != 1) break;
    return 0;
  }
  stay_on(atoi(argv[2]));
  long *took = malloc(sizeof(long) * rounds);
  for (int i = 0; i < rounds; i++) {
    long before = now_ns();
    if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) return 4;
    took[i] = now_ns() - before;
  }
  qsort(took, rounds, sizeof(long), by_size);
  printf("%ld\n", took[rounds / 2]);
  return 0;
}
