// Signs in with a wallet that the browser has: the message of EIP-4361 for Ethereum, the same form for Solana.
const hex = (text) =>
  `0x${Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, '0')).join('')}`

const messageFor = ({ wallet, uri, statement }, address, network) => {
  const title = wallet === 'solana' ? 'Solana' : 'Ethereum'
  return [
    `${new URL(uri).host} wants you to sign in with your ${title} account:`,
    address,
    '',
    statement,
    '',
    `URI: ${uri}`,
    'Version: 1',
    ...(network === '' ? [] : [`Chain ID: ${network}`]),
    `Nonce: ${crypto.randomUUID().replaceAll('-', '')}`,
    `Issued At: ${new Date().toISOString()}`,
  ].join('\n')
}

const wallets = {
  ethereum: {
    find: () => window.ethereum,
    async sign(wallet, facts) {
      const [address] = await wallet.request({ method: 'eth_requestAccounts' })
      const network = Number(await wallet.request({ method: 'eth_chainId' }))
      const message = messageFor(facts, address, String(network))
      const signature = await wallet.request({ method: 'personal_sign', params: [hex(message), address] })
      return { message, signature }
    },
  },
  solana: {
    find: () => window.phantom?.solana ?? window.solana,
    async sign(wallet, facts) {
      const { publicKey } = (await wallet.connect()) ?? wallet
      const message = messageFor(facts, (publicKey ?? wallet.publicKey).toString(), '')
      const signed = await wallet.signMessage(new TextEncoder().encode(message), 'utf8')
      return { message, signature: btoa(String.fromCharCode(...(signed.signature ?? signed))) }
    },
  },
}

for (const form of document.querySelectorAll('form[data-wallet]')) {
  const kind = wallets[form.dataset.wallet]
  const [missing, failed] = [form.querySelector('[data-missing]'), form.querySelector('[data-failed]')]
  form.hidden = false
  form.querySelector('button').addEventListener('click', async () => {
    const wallet = kind.find()
    missing.hidden = Boolean(wallet)
    failed.hidden = true
    if (!wallet) return
    try {
      const { message, signature } = await kind.sign(wallet, form.dataset)
      form.elements.message.value = message
      form.elements.signature.value = signature
      form.requestSubmit()
    } catch {
      failed.hidden = false
    }
  })
}
