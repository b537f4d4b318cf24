
# The issuer of codes
issuer-title = Issuer of voting codes
issuer-password = The operator's password
issuer-wrong-password = That is not the password.
issuer-login = Log in
issuer-logout = Log out
issuer-refused = Refused: { $why }
issuer-contests = Contests
issuer-contest = Contest
issuer-fingerprint = Fingerprint
issuer-voters = Voters
issuer-state = State
issuer-state-waits = waiting for the box
issuer-state-proposed = opening to be signed
issuer-state-opened = open
issuer-state-complaints = closed, complaints are taken until { $until }
issuer-state-signed = closing signed
issuer-openings-what = The opening that the box proposes is compared with the codes issued, and then signed. No letter leaves before.
issuer-openings = Sign the opening
issuer-openings-signed = The opening of every contest is signed.
issuer-not-opened = The opening is not signed: no letter leaves before.
issuer-no-letters = There is no letter to print.
issuer-letters = Letters
issuer-letters-unsent = { $count ->
    [0] All letters have left.
    [one] One letter has not left.
   *[other] { $count } letters have not left.
}
issuer-letters-print = Print the letters, one a page
issuer-letters-sent-what = When the letters have left, their codes are forgotten here and cannot be printed again.
issuer-letters-sent = The letters have left
issuer-letters-forgotten = The codes of these letters are forgotten.
issuer-letters-mail-what = In place of letters, each code can be sent to its voter by e-mail.
issuer-letters-mail = Send the codes by e-mail
issuer-mails-sent = The codes are sent by e-mail.
issuer-closings = Closing
issuer-closings-what = After the time for complaints, the whole roll is compared with the codes issued, and the closing is signed.
issuer-closings-sign = Sign the closing
issuer-closings-signed = The closing of every contest is signed.
issuer-letter-intro = This is your voting code. It serves for all your contests and nobody else knows it; give it to nobody.
issuer-letter-code = Voting code
issuer-letter-from = Voting opens on { $time }.
issuer-letter-until = It closes on { $time }.
issuer-letter-qr = Address of the voting portal, as a QR code
issuer-letter-address = Address of the voting portal:
issuer-letter-contests = Your contests
issuer-letter-compare = Before you vote, your screen shows the fingerprint of each contest. Compare it with this one; if it differs, do not vote, and tell the bureau.
issuer-letter-scripts = The program that your browser is given (SHA-256)
issuer-letter-care = The bureau publishes the same fingerprints. A lost code: the portal has a new one sent by e-mail, to be used within two minutes.
mail-code-subject = Your voting code: { $election }
mail-code-text = Dear { $name },

    This is your voting code for “{ $election }”:

        { $code }

    It serves for all your contests, until { $closes }. Give it to nobody.
    The voting portal: { $address }
mail-new-code-subject = Your new voting code: { $election }
mail-new-code-text = Dear { $name },

    You have asked for a new voting code for “{ $election }”:

        { $code }

    Enter it within two minutes. The old code serves no more.
    The voting portal: { $address }

    If you have asked for nothing, tell the bureau.
