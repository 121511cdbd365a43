/** Patterns that clients and configurations write, matched in a bounded time. */
export { Effort, Expression } from './expression.ts'
export { type Pattern, parsePattern, parseRegular } from './regular.ts'
export { any, end, literal, type Node } from './tree.ts'
