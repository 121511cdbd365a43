setTimeout(() => {
  console.log('flaky: this goes wrong every time')
  process.exit(1)
}, 300)
