let requests = 0
setInterval(() => {
  for (let i = 0; i < 20; i++) console.log(`busy: request ${++requests} took ${(Math.random() * 100).toFixed(1)} ms`)
}, 20)
