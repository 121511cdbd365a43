/** A key as a terminal library tells of it. */
export interface KeyPress {
  readonly input: string
  readonly key: Readonly<Record<string, unknown>>
}

const names: Readonly<Record<string, string>> = {
  upArrow: 'up',
  downArrow: 'down',
  leftArrow: 'left',
  rightArrow: 'right',
  pageUp: 'pageup',
  pageDown: 'pagedown',
  home: 'home',
  end: 'end',
  return: 'enter',
  escape: 'escape',
  backspace: 'backspace',
  delete: 'backspace',
}

const controls: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\x1b': 'escape',
}

/** The keys in what came from the terminal at once: signs, and names for others. Fast typing comes as one text. */
export function keysIn({ input, key }: KeyPress): string[] {
  const name = Object.keys(names).find((field) => key[field] === true)
  if (name !== undefined) return [names[name] as string]
  if (key['ctrl'] === true) return input === '' ? [] : [`ctrl-${input}`]
  if (key['meta'] === true) return []
  return [...input].map((sign) => controls[sign] ?? sign).filter((sign) => sign.length > 1 || sign >= ' ')
}
