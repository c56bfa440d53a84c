// The console: the key / focuses the search, a box ticks all, and what is live is fetched again.
;(() => {
  document.addEventListener('keydown', (event) => {
    const { target } = event
    const isTyping = target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    const search = document.querySelector('[data-search]')
    if (!search) return
    event.preventDefault()
    search.focus()
    search.select()
  })
  for (const all of document.querySelectorAll('[data-all]'))
    all.addEventListener('change', () => {
      for (const box of all.closest('table').querySelectorAll('tbody input[type=checkbox]')) box.checked = all.checked
    })

  const look = async () => {
    const shown = document.getElementById('live')
    const seconds = Number(shown?.dataset.live)
    if (!shown || !seconds) return
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
    if (!document.hidden) {
      const answer = await fetch(location.href, { credentials: 'same-origin' }).catch(() => null)
      const text = answer?.ok ? await answer.text() : ''
      const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('live')
      if (fresh) shown.replaceWith(fresh)
    }
    look()
  }
  look()
})()
