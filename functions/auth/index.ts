import type { Capability } from '../../core/http/operation.ts'
import { createMailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { deletionSigner } from '../../core/receipts/sign-deletion.ts'
import { addSecondFactor } from './add-second-factor.ts'
import { changePassword } from './change-password.ts'
import { confirmPassword } from './confirm-password.ts'
import { confirmSecondFactor } from './confirm-second-factor.ts'
import { deleteAccount } from './delete-account.ts'
import { getMe } from './get-me.ts'
import { getReceiptKey } from './get-receipt-key.ts'
import { createLater } from './later.ts'
import { listAudit } from './list-audit.ts'
import { listSessions } from './list-sessions.ts'
import { removeSecondFactor } from './remove-second-factor.ts'
import { requestPasswordReset } from './request-password-reset.ts'
import { requestVerification } from './request-verification.ts'
import { resetPassword } from './reset-password.ts'
import { revokeSession } from './revoke-session.ts'
import { signIn } from './sign-in.ts'
import { signOut } from './sign-out.ts'
import { signOutEverywhere } from './sign-out-everywhere.ts'
import { signUp } from './sign-up.ts'
import { verifyEmail } from './verify-email.ts'

export function auth(platform: Platform): Capability {
  const mailer = createMailer(platform.config, platform.log)
  const later = createLater(platform.log)
  const signer = deletionSigner(platform)
  return {
    name: 'auth',
    operations: [
      signUp(platform, mailer, later),
      verifyEmail(platform),
      requestVerification(platform, mailer, later),
      signIn(platform, mailer, later),
      signOut(),
      signOutEverywhere(),
      requestPasswordReset(platform, mailer, later),
      resetPassword(platform, mailer, later),
      changePassword(platform, mailer, later),
      confirmPassword(platform),
      addSecondFactor(platform),
      confirmSecondFactor(platform, mailer, later),
      removeSecondFactor(platform, mailer, later),
      listSessions(platform),
      revokeSession(),
      getMe(),
      listAudit(),
      deleteAccount(platform, signer),
      getReceiptKey(signer),
    ],
    stop: () => later.settled(),
  }
}
