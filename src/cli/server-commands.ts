// The commands that run a server, and those that look after one.
import { command, flag, path, text } from './command.ts'
import { environmentOptions, migrateOptions, portOption, servingOptions } from './options.ts'

/** Commands of their own, in the order of help. */
export const serverCommands = [
  command({
    name: 'dev',
    about: 'start with a database and a mailbox of its own; no configuration needed',
    options: {
      ...portOption,
      state: path('DIR', 'where database and secrets are kept; default .postern'),
      'database-url': text('URL', 'a database to use instead of one of its own'),
      reset: flag('begin anew: remove the database and the secrets first'),
      ...environmentOptions,
    },
    notes:
      'A DATABASE_URL of the environment is not used. Without --port a port that is taken gives way to the next; 0 takes any.',
    examples: [
      ['postern dev --port 54321', 'serves on this port or not at all, on loopback'],
      ['postern dev --reset', 'begins with an empty database and new secrets'],
    ],
    run: async ({ values }) => (await import('./dev.ts')).dev({ ...values, database_url: values['database-url'] }),
  }),
  command({
    name: 'init',
    about: 'write a first .env for serve, with comments and secrets of its own',
    words: [{ name: 'FILE', about: 'where it is written; default .env', optional: true, files: true }],
    options: {
      'database-url': text(
        'URL',
        'address of the database',
        'postgres://supabase_auth_admin:password@localhost:5432/postgres',
      ),
      'external-url': text('URL', 'address under which browsers reach the server', 'https://auth.example.com'),
      'site-url': text('URL', 'address of the application', 'https://app.example.com'),
    },
    notes: 'The file is for its owner alone. One that is there already stays as it is.',
    examples: [
      ['postern init postern.env --site-url https://app.example.com', 'writes postern.env, to be looked through'],
    ],
    run: async ({ words: [file = '.env'], values }) =>
      (await import('./init.ts')).init({
        file,
        database_url: values['database-url'],
        api_external_url: values['external-url'],
        site_url: values['site-url'],
      }),
  }),
  command({
    name: 'serve',
    about: 'start with the configuration of the environment',
    options: {
      ...portOption,
      workers: text('N', 'processes to answer with, or auto for one a processor core; POSTERN_WORKERS'),
      ...servingOptions,
    },
    notes:
      'Variables: docs/configuration.md, or https://supabase.com/docs/guides/self-hosting/auth/config. SIGTERM and SIGINT end it\n' +
      'once what runs is answered; SIGHUP and postern reload make it read its configuration again.',
    examples: [
      ['postern serve --config postern.env', 'applies migrations, then serves until a signal comes'],
      ['postern serve --workers auto --config-dir /etc/postern', 'uses all cores, and follows changes of the folder'],
    ],
    run: async ({ values }) => (await import('./serve.ts')).serve(values),
  }),
  command({
    name: 'reload',
    about: 'let a server of this machine read its configuration again, without a request that fails',
    options: {
      socket: path('PATH', 'the socket of the server; POSTERN_CONTROL_SOCKET, else that of its port'),
      ...portOption,
      ...environmentOptions,
    },
    notes:
      'The new configuration is checked as a whole; what is wrong with it is printed, and the old one serves on. Workers are\n' +
      'exchanged one by one.',
    examples: [['postern reload --config postern.env', 'asks the server that the file configures']],
    run: async ({ values }) => (await import('./reload.ts')).reload(values),
  }),
  command({
    name: 'migrate',
    about: 'bring the database up to date and end',
    options: migrateOptions,
    examples: [
      ['postern migrate --config postern.env', 'adds what is missing of the schemas auth and postern'],
      ['postern migrate --dry-run', 'says what would be added and changed; takes no lock'],
    ],
    run: async ({ values }) => (await import('./migrate.ts')).migrate(values),
  }),
  command({
    name: 'doctor',
    about: 'check everything that a start and each request needs, and say what to do',
    options: {
      json: flag('print the findings as JSON'),
      mail: text('EMAIL', 'send a test mail there, and wait until the mail server has it'),
      ...servingOptions,
    },
    notes:
      'Nothing is changed or written, but for the test mail that is asked for. Exit code 1 when something has to be done.',
    examples: [
      ['postern doctor --config postern.env', 'finds what would keep serve from working, before it does'],
      ['postern doctor --mail me@example.com', 'sends a mail the way that all mails go'],
    ],
    run: async ({ values }) => (await import('./doctor/run-doctor.ts')).runDoctor(values),
  }),
  command({
    name: 'version',
    about: 'print the version',
    examples: [['postern version', 'prints the version of this package']],
    run: async () => (await import('./print-version.ts')).printVersion(),
  }),
]
