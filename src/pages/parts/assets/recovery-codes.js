// Copies the recovery codes, or prints the page; the buttons are there only where this runs.
for (const button of document.querySelectorAll('[data-copy]')) {
  const label = button.textContent
  const items = document.getElementById(button.dataset.copy).querySelectorAll('li')
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText([...items].map((item) => item.textContent).join('\n'))
    button.textContent = button.dataset.copied
    setTimeout(() => {
      button.textContent = label
    }, 2000)
  })
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}
