import { connect } from 'node:net'

const database = process.env['DATABASE'] ?? ''
connect(database, () => console.log('worker: connected'))
setInterval(() => {}, 60_000)
