// Something that has work to do until it is told to stop.
setInterval(() => {}, 60_000)
