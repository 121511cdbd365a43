// A release that cannot work.
console.error('broken release')
process.exit(1)
