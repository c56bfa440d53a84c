// One captcha serves all forms of a page: what it was answered with goes along with whichever is sent.
document.addEventListener('submit', ({ target: form }) => {
  const answer = document.querySelector('[name$="-response"]:not([type=checkbox])')
  if (!answer || form.contains(answer)) return
  const field = form.elements[answer.name] ?? form.appendChild(document.createElement('input'))
  Object.assign(field, { type: 'hidden', name: answer.name, value: answer.value })
})
