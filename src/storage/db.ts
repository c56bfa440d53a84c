// The port to PostgreSQL: parameterised text in, rows out; three drivers implement it.

/** A value of a parameter; objects and lists become JSON where the column is json or jsonb, lists arrays elsewhere. */
export type Param = string | number | bigint | boolean | null | Uint8Array | object

/** A place where statements run: the pool, or an open transaction. */
export interface Queryable {
  /**
   * Runs one statement with `$1`-style parameters; the statement is prepared once a connection.
   * Rows carry column names as they are; `timestamptz` and `timestamp` come as RFC 3339 text in UTC with microseconds
   * and no trailing zeros (`2026-01-02T03:04:05.6Z`), `int8` as a number, `json` and `jsonb` parsed, `uuid` and `inet` as text.
   * Statements that are started without awaiting the one before are pipelined on the wire.
   * @throws DatabaseError what PostgreSQL refused; AuthError 503 when it cannot be reached
   */
  query<Row = Record<string, unknown>>(text: string, params?: readonly Param[]): Promise<Row[]>
}

/** Connections of a pool: open, lent, at most; and how many statements wait for one. */
export interface PoolState {
  open: number
  busy: number
  most: number
  waiting: number
}

/** The pool. */
export interface Db extends Queryable {
  /** Like `query`, for a SELECT of a few rows by key that waits for no lock: those of one moment go over the wire together. */
  lookup<Row = Record<string, unknown>>(text: string, params?: readonly Param[]): Promise<Row[]>
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws.
   * BEGIN is pipelined with the first statement. Do no network call inside.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  /** A copy that may be seconds behind, for lists that may be too; absent where there is none. */
  replica?: Queryable
  /** Runs several statements of SQL text without parameters, as migrations do. */
  script(text: string): Promise<void>
  /** How the pool fares; absent where there is none. */
  state?(): PoolState
  /** Ends idle connections, lets the running ones finish for at most `grace_ms`. */
  close(grace_ms?: number): Promise<void>
}

/** Where lists are read that need not be of this moment. */
export const forLists = (db: Db): Queryable => db.replica ?? db

/** What PostgreSQL refused. Its text never reaches an answer, except SQLSTATE P0001 and PTxyz (an application's own). */
export class DatabaseError extends Error {
  readonly sqlstate: string
  readonly constraint: string | undefined
  readonly detail: string | undefined
  readonly hint: string | undefined

  constructor(
    message: string,
    fields: { sqlstate: string; constraint?: string; detail?: string; hint?: string; cause?: unknown },
  ) {
    super(message, { cause: fields.cause })
    this.name = 'DatabaseError'
    this.sqlstate = fields.sqlstate
    this.constraint = fields.constraint
    this.detail = fields.detail
    this.hint = fields.hint
  }
}

/** Whether an error is a violated unique constraint (SQLSTATE 23505), of the given name if one is given. */
export const isUniqueViolation = (error: unknown, constraint?: string): error is DatabaseError =>
  error instanceof DatabaseError &&
  error.sqlstate === '23505' &&
  (constraint === undefined || error.constraint === constraint)

/** For `catch`: what a unique index refuses becomes `refusal`; everything else stays what it is. */
export const onUniqueViolation =
  (refusal: () => Error) =>
  (error: unknown): never => {
    throw isUniqueViolation(error) ? refusal() : error
  }
