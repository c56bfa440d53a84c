// Signs in with a passkey or a security key (WebAuthn Level 3), from a button or the autofill of the address field.
const form = document.querySelector('form[data-passkey]')

if (form && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  const button = form.querySelector('button')
  const failure = form.querySelector('[role=alert]')
  // A captcha is not solved yet when the page is opened.
  const isOfAutofill =
    document.querySelector('input[autocomplete~=webauthn]') && !document.querySelector('[data-sitekey]')
  form.hidden = false
  let waiting = new AbortController()

  const ask = async () => {
    const body = new URLSearchParams({ _token: form.elements._token.value })
    const captcha = document.querySelector('[name$="-response"]')
    if (captcha) body.set(captcha.name, captcha.value)
    const response = await fetch(form.dataset.passkey, { method: 'POST', body })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return response.json()
  }

  const use = async (mediation) => {
    waiting.abort()
    waiting = new AbortController()
    const { signal } = waiting
    const { challenge_id, options } = await ask()
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
    const credential = await navigator.credentials.get({ publicKey, signal, ...(mediation && { mediation }) })
    form.elements.challenge_id.value = challenge_id
    form.elements.credential.value = JSON.stringify(credential.toJSON())
    form.requestSubmit()
  }

  const autofill = async () => {
    if (!isOfAutofill || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
    use('conditional').catch(() => {})
  }

  button.addEventListener('click', () => {
    failure.hidden = true
    use().catch(() => {
      failure.hidden = false
      autofill()
    })
  })
  autofill()
}
