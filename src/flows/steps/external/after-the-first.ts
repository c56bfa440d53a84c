// Sign-ins that happen at once for the first time: whoever was second finds the account of the first.
import { isUniqueViolation } from '../../../storage/db.ts'

/** Runs `work` again when somebody else was faster with the same identity or address. */
export async function afterTheFirst<T>(work: () => Promise<T>): Promise<T> {
  for (let again = 2; ; again--) {
    try {
      return await work()
    } catch (error) {
      if (again === 0 || !isUniqueViolation(error)) throw error
    }
  }
}
