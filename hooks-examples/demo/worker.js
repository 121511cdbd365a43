const [, , wid] = process.argv
console.log(`worker ${wid}: at work, pid ${process.pid}`)
process.on('SIGTERM', () => {
  console.log(`worker ${wid}: finishing what I have at hand`)
  setTimeout(() => process.exit(), 200)
})
setInterval(() => {}, 60_000)
