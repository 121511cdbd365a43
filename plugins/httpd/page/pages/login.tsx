import { useEffect, useState } from 'preact/hooks'
import { logIn } from '../entrance.ts'
import { session } from '../session.ts'

/** Where one logs in: with a name and a password, or with the token of the link. */
export function LoginPage() {
  const now = session.value
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    document.title = 'Log in · circus'
  }, [])
  if (now.id !== 'out') return null
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(given.get(name) ?? '')
    setBusy(true)
    // A whole link is what one has at hand.
    const token = text('token')
      .trim()
      .replace(/^.*#\/?token=/, '')
    await logIn(now.auth === 'users' ? { user: text('user'), password: text('password') } : { token })
    setBusy(false)
  }
  return (
    <main class="login">
      <form class="panel" onSubmit={(event) => void submit(event)}>
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" /> Log in
        </h1>
        {now.auth === 'users' ? <Account /> : <Token />}
        <p class="wrong" role="alert">
          {now.why}
        </p>
        <button type="submit" class="button primary" disabled={busy}>
          Log in
        </button>
      </form>
    </main>
  )
}

const Account = () => (
  <>
    <label class="field">
      <span>Name</span>
      <input name="user" autoComplete="username" autoCapitalize="none" required />
    </label>
    <label class="field">
      <span>Password</span>
      <input name="password" type="password" autoComplete="current-password" required />
    </label>
  </>
)

const Token = () => (
  <>
    <p>The daemon wrote a link into its log when it started. Open that, or paste it here.</p>
    <label class="field">
      <span>Link or token</span>
      <input name="token" type="password" autoComplete="off" required />
    </label>
  </>
)
