// Says something, on stdout and on stderr, twice a second.
let count = 0
setInterval(() => {
  count++
  console.log(`${count} is a number`)
  console.error(`${count} is no reason to worry`)
}, 500)
