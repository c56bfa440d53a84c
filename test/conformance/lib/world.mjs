// One server under test with a database, a mail sink and an HTTP sink of its own.
import { spawn } from 'node:child_process'
import postgres from 'postgres'
import { startSmtpSink } from './smtp-sink.mjs'
import { startHttpSink } from './http-sink.mjs'


export async function startWorld({ profile, env, command, cwd, pg }) {
  const [smtp, sink] = await Promise.all([startSmtpSink(), startHttpSink()])
  const database = `conformance_${profile.replace(/\W/g, '_')}_${process.pid}`
  const psql = async (url, text) => {
    const client = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
    try { return Object.values((await client.unsafe(text).simple()).at?.(-1) ?? {})[0] ?? '' } finally { await client.end() }
  }
  await psql(`${pg}/postgres`, `drop database if exists ${database}`)
  await psql(`${pg}/postgres`, `create database ${database}`)
  await psql(`${pg}/${database}`, `
    do $$ begin
      if not exists (select from pg_roles where rolname = 'supabase_auth_admin') then
        create role supabase_auth_admin login noinherit createrole password 'root';
      end if;
    end $$;
    create schema if not exists auth authorization supabase_auth_admin;
    grant create on database ${database} to supabase_auth_admin;
    alter role supabase_auth_admin in database ${database} set search_path = 'auth';`)
  const { hostname, port: pgPort } = new URL(pg)
  const fill = (text) => text.replaceAll('$SINK', sink.origin).replaceAll('$SMTP_PORT', String(smtp.port))
  const environment = {
    PATH: process.env.PATH, HOME: process.env.HOME,
    GOTRUE_DB_DRIVER: 'postgres',
    DATABASE_URL: `postgres://supabase_auth_admin:root@${hostname}:${pgPort || 5432}/${database}?sslmode=disable`,
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
    // Any port that is free: the server tells it in the line that says that it listens.
    GOTRUE_API_HOST: '127.0.0.1', PORT: '0', GOTRUE_API_PORT: '0', GOTRUE_LOG_LEVEL: 'info',
  }
  let log = ''
  const server = spawn('sh', ['-c', `exec ${command}`], { cwd, env: environment, detached: true })
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => { log = (log + chunk).slice(-200_000) })
  let exited = false
  server.on('exit', () => { exited = true })
  let origin
  const stop = async () => {
    if (!exited) {
      try { process.kill(-server.pid, 'SIGTERM') } catch {}
      for (let i = 0; i < 50 && !exited; i++) await sleep(100)
      try { process.kill(-server.pid, 'SIGKILL') } catch {}
    }
    await Promise.all([smtp.stop(), sink.stop()])
    await psql(`${pg}/postgres`, `drop database if exists ${database} with (force)`).catch(() => {})
  }
  const deadline = Date.now() + 60_000
  for (;;) {
    if (exited || Date.now() > deadline) {
      await stop()
      throw new Error(`the server did not become healthy${exited ? ' (it exited)' : ''}:\n${log.slice(-2000)}`)
    }
    const port = /"port":(\d+),"msg":"postern is listening"/.exec(log)?.[1]
    origin ??= port && `http://127.0.0.1:${port}`
    const healthy = origin && (await fetch(`${origin}/health`).then((r) => r.ok, () => false))
    if (healthy) break
    await sleep(100)
  }
  return {
    profile, origin, smtp, sink, stop,
    environment,
    log: () => log,
    /** Runs one statement in the server's database and returns its rows as objects. */
    sql: async (statement) => {
      const select = /^\s*(select|with|table)/i.test(statement)
      const out = await psql(`${pg}/${database}`, select ? `select coalesce(json_agg(t), '[]') from (${statement}) t` : statement)
      return select ? (typeof out === 'string' ? JSON.parse(out) : out) : []
    },
    texts: [[origin, '<server>'], [sink.origin, '<sink>']],
  }
}

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms))
