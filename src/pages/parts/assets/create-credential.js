// Makes a passkey or a security key (WebAuthn Level 3) with the options of the form, and sends it.
const form = document.querySelector('form[data-create]')
const button = form.querySelector('button')
const failure = form.querySelector('[role=alert]')

const create = async () => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.create))
  const credential = await navigator.credentials.create({ publicKey })
  form.elements.credential.value = JSON.stringify(credential.toJSON())
  form.submit()
}

button.addEventListener('click', () => {
  failure.hidden = true
  button.disabled = true
  create().catch(() => {
    failure.hidden = false
    button.disabled = false
  })
})
