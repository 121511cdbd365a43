// Answers one connection on descriptor 3 with one byte, and ends: what is left of the time is not the program's.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  struct pollfd listener = {.fd = 3, .events = POLLIN};
  poll(&listener, 1, -1);
  int connection = accept(3, 0, 0);
  return connection < 0 || write(connection, "x", 1) != 1;
}
