/** What an expression is made of. Nothing in it depends on what was matched before, so that matching takes a bounded time. */
export type Node =
  /** One character. */
  | { readonly id: 'one'; readonly accepts: (character: number) => boolean }
  | { readonly id: 'sequence'; readonly parts: readonly Node[] }
  | { readonly id: 'either'; readonly options: readonly Node[] }
  | { readonly id: 'repeat'; readonly part: Node; readonly min: number; readonly max: number; readonly lazy?: boolean }
  /** A part with a name, to tell what it matched. */
  | { readonly id: 'group'; readonly name: string; readonly part: Node }
  /** A place, and no character. */
  | { readonly id: 'place'; readonly holds: (text: readonly number[], at: number) => boolean }
  /** What follows here matches, or does not. */
  | { readonly id: 'ahead'; readonly part: Node; readonly wanted: boolean }

/** This character and no other. */
export const literal = (character: number): Node => ({ id: 'one', accepts: (other) => other === character })

/** Any character. */
export const any: Node = { id: 'one', accepts: () => true }

/** The end of the text. */
export const end: Node = { id: 'place', holds: (text, at) => at === text.length }
