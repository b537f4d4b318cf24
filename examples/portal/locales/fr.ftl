
# L'émetteur des codes
issuer-title = Émetteur des codes de vote
issuer-password = Mot de passe de l'opérateur
issuer-wrong-password = Ce n'est pas le mot de passe.
issuer-login = Se connecter
issuer-logout = Se déconnecter
issuer-refused = Refusé : { $why }
issuer-contests = Scrutins
issuer-contest = Scrutin
issuer-fingerprint = Empreinte
issuer-voters = Inscrits
issuer-state = État
issuer-state-waits = en attente de l'urne
issuer-state-proposed = ouverture à signer
issuer-state-opened = ouvert
issuer-state-complaints = clos, réclamations reçues jusqu'au { $until }
issuer-state-signed = clôture signée
issuer-openings-what = L'ouverture proposée par l'urne est comparée aux codes émis, puis signée. Aucun courrier ne part avant.
issuer-openings = Signer l'ouverture
issuer-openings-signed = L'ouverture de tous les scrutins est signée.
issuer-not-opened = L'ouverture n'est pas signée : aucun courrier ne part avant.
issuer-no-letters = Il n'y a pas de courrier à imprimer.
issuer-letters = Courriers
issuer-letters-unsent = { $count ->
    [0] Tous les courriers sont partis.
    [one] Un courrier n'est pas parti.
   *[other] { $count } courriers ne sont pas partis.
}
issuer-letters-print = Imprimer les courriers, un par page
issuer-letters-sent-what = Quand les courriers sont partis, leurs codes sont oubliés ici et ne peuvent plus être imprimés.
issuer-letters-sent = Les courriers sont partis
issuer-letters-forgotten = Les codes de ces courriers sont oubliés.
issuer-letters-mail-what = À la place des courriers, chaque code peut être envoyé par courriel à son électeur.
issuer-letters-mail = Envoyer les codes par courriel
issuer-mails-sent = Les codes sont envoyés par courriel.
issuer-closings = Clôture
issuer-closings-what = Après le délai des réclamations, la liste entière est comparée aux codes émis, puis la clôture est signée.
issuer-closings-sign = Signer la clôture
issuer-closings-signed = La clôture de tous les scrutins est signée.
issuer-letter-intro = Voici votre code de vote. Il sert pour tous vos scrutins et n'est connu de personne d'autre ; ne le donnez à personne.
issuer-letter-code = Code de vote
issuer-letter-from = Le vote ouvre le { $time }.
issuer-letter-until = Il ferme le { $time }.
issuer-letter-qr = Adresse du portail de vote, en code QR
issuer-letter-address = Adresse du portail de vote :
issuer-letter-contests = Vos scrutins
issuer-letter-compare = Avant de voter, votre écran montre l'empreinte de chaque scrutin. Comparez-la avec celle-ci ; si elle diffère, ne votez pas et prévenez le bureau de vote.
issuer-letter-scripts = Le programme que votre navigateur reçoit (SHA-256)
issuer-letter-care = Le bureau de vote publie les mêmes empreintes. Code perdu : le portail en fait envoyer un nouveau par courriel, à utiliser dans les deux minutes.
mail-code-subject = Votre code de vote : { $election }
mail-code-text = Bonjour { $name },

    Voici votre code de vote pour « { $election } » :

        { $code }

    Il sert pour tous vos scrutins, jusqu'au { $closes }. Ne le donnez à personne.
    Le portail de vote : { $address }
mail-new-code-subject = Votre nouveau code de vote : { $election }
mail-new-code-text = Bonjour { $name },

    Vous avez demandé un nouveau code de vote pour « { $election } » :

        { $code }

    Saisissez-le dans les deux minutes. L'ancien code ne sert plus.
    Le portail de vote : { $address }

    Si vous n'avez rien demandé, prévenez le bureau de vote.
