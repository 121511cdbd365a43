setInterval(() => console.log(`clock: ${new Date().toLocaleTimeString()}`), 10_000)
