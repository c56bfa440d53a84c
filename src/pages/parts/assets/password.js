// Shows what is typed into a password field, and ticks off the rules that it keeps.
for (const button of document.querySelectorAll('[data-reveal]')) {
  const field = document.getElementById(button.dataset.reveal)
  const labels = [button.textContent, button.dataset.hide]
  button.hidden = false
  field.parentElement.classList.add('revealing')
  button.addEventListener('click', () => {
    const isShown = field.type === 'text'
    field.type = isShown ? 'password' : 'text'
    button.textContent = labels[isShown ? 0 : 1]
    button.setAttribute('aria-pressed', String(!isShown))
    field.focus()
  })
  // A password leaves the page as one, so that the browser offers to keep it.
  field.form.addEventListener('submit', () => {
    field.type = 'password'
  })
}

for (const rule of document.querySelectorAll('.rules li[data-set]')) {
  const field = rule.closest('.field').querySelector('input')
  const { set, length } = rule.dataset
  const isKept = () =>
    set === ''
      ? new TextEncoder().encode(field.value).length >= Number(length)
      : [...set].some((one) => field.value.includes(one))
  field.addEventListener('input', () => rule.classList.toggle('kept', isKept()))
}
