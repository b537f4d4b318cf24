## common

common-portal = Portail de vote
common-skip = Aller au contenu
common-menu = Menu
common-login-link = Se connecter
common-logout = Se déconnecter
common-other-code = en
common-other-language = English
common-problem = Un problème est survenu
common-login = Connectez-vous d’abord.
common-forged = Cette demande ne vient pas d’une page du portail. Revenez à la page précédente, rechargez-la et recommencez.
common-not-found = Cette page n’existe pas.
common-bad-form = Le formulaire reçu n’est pas valide.
common-too-large = Ce qui a été envoyé est trop long.
common-too-many = Trop de demandes. Réessayez dans { $seconds } s.
common-come-back = Le service est momentanément indisponible. Rien n’est perdu : renvoyez la même demande dans un instant.
common-internal = Une erreur s’est produite. Elle est consignée.
common-nonce = La demande d’activation a expiré. Saisissez de nouveau votre code de vote.
common-fingerprint = Empreinte du scrutin
common-check = Vérifier mon bulletin
common-audit = Vérifier le scrutin
common-not-built = Cette page n’est pas encore là.
common-time = { $day } { $month } { $year } à { $time } (heure de Paris)
common-month-1 = janvier
common-month-2 = février
common-month-3 = mars
common-month-4 = avril
common-month-5 = mai
common-month-6 = juin
common-month-7 = juillet
common-month-8 = août
common-month-9 = septembre
common-month-10 = octobre
common-month-11 = novembre
common-month-12 = décembre

## account

account-login = Identification
account-email = Adresse électronique
account-password = Mot de passe de l’élection
account-enter = Se connecter
account-first = Première connexion
account-forgotten = Mot de passe oublié
account-captcha = Chiffres à recopier
account-captcha-alt = Image de six chiffres ; vous pouvez aussi les écouter
account-captcha-sound = Écouter les six chiffres
account-captcha-silent = Ces chiffres ne peuvent pas être écoutés ici. Si vous ne pouvez pas les lire, adressez-vous au bureau de vote.
account-captcha-label = Recopiez les six chiffres
account-captcha-wrong = Les chiffres recopiés ne sont pas les bons. En voici d’autres.
account-wrong = L’adresse ou le mot de passe n’est pas le bon.
account-wait = Trop d’essais depuis cet endroit. Réessayez dans { $seconds } s.
account-elsewhere = Cette session est terminée : vous vous êtes connecté ailleurs. Si ce n’était pas vous, changez votre mot de passe.
account-link-explained = Saisissez l’adresse électronique qui figure sur la liste électorale. Vous y recevrez un lien pour choisir votre mot de passe.
account-send-link = Recevoir le lien
account-link-sent = Si cette adresse figure sur une liste électorale, un lien vient d’y être envoyé. Il sert une fois, pendant une heure.
account-link-over = Ce lien a déjà servi ou a expiré. Demandez-en un autre.
account-new-password = Choisir un mot de passe
account-password-rule = De 12 à 200 caractères, de toute sorte.
account-password-again = Le même mot de passe, une seconde fois
account-set-password = Enregistrer
account-password-set = Le mot de passe est enregistré. Toute session ouverte est terminée.
account-password-short = Le mot de passe a moins de 12 caractères.
account-password-long = Le mot de passe a plus de 200 caractères.
account-password-differs = Les deux saisies diffèrent.

## home

home-title = Accueil
home-vote = Je vote
home-contests = Mes scrutins
home-countdown = Fermeture du vote dans { $days } jours { $hours } heures { $minutes } minutes
home-countdown-pattern = Fermeture du vote dans DAYS jours HOURS heures MINUTES minutes
home-no-countdown = Aucun scrutin n’est ouvert.
home-not-on-roll = Vous ne figurez pas sur cette liste électorale.
home-not-yet-open = Ouverture le { $time }
home-open = Ouvert jusqu’au { $time }
home-voted = Voté le { $time }
home-closed = Fermé depuis le { $time }
home-emargement = Émargement
information-title = Informations pratiques
information-dates = Dates
information-open = Ouvert du { $from } au { $to }.
information-machine = Votre appareil
information-machine-text = Un navigateur récent suffit. Votre choix et votre code de vote ne quittent pas votre appareil : le bulletin est scellé dans le navigateur avant d’être envoyé.
information-hashes = Empreintes des programmes
information-hashes-text = SHA-256 des programmes que ce portail donne à votre navigateur. Comparez-les avec celles de votre courrier.
help-title = Aide
help-question-1 = Je n’ai pas reçu mon code de vote.
help-answer-1 = Demandez-en un nouveau sous « Réassort ». Il vous faut votre NUMEN ou les dix premiers chiffres de votre numéro de sécurité sociale. Il arrive par courriel et s’utilise dans les deux minutes.
help-question-2 = Mon code est refusé.
help-answer-2 = Le portail dit si le code est mal recopié, s’il n’est pas le vôtre, s’il a été remplacé ou s’il a expiré. Seul le dernier code reçu est valable.
help-question-3 = La page s’est fermée au milieu du vote.
help-answer-3 = Avant « Je vote », rien n’est enregistré : recommencez. Après, revenez sur le même appareil : le bulletin est renvoyé tel quel et ne compte qu’une fois.
help-question-4 = Puis-je changer mon vote ?
help-answer-4 = Non. Une fois « Je vote » confirmé, le vote est définitif et non modifiable.
help-question-5 = Comment savoir que mon bulletin est dans l’urne ?
help-answer-5 = Gardez la référence affichée et la preuve de dépôt. La page « Vérifier mon bulletin » les retrouve dans ce qui est publié, aussi depuis un autre appareil.
help-question-6 = Mon appareil pourrait-il tricher ?
help-answer-6 = Avant de voter, choisissez « Tester ce bulletin » : le bulletin est ouvert sur un second appareil, ne compte pas, et vous en scellez un autre.
help-question-7 = Je suis connecté et le scrutin ferme.
help-answer-7 = Si votre code est activé avant la fermeture, vous avez trente minutes pour terminer.
help-question-8 = Il manque un scrutin, ou mes données sont fausses.
help-answer-8 = Écrivez au bureau de vote sous « Formuler une réclamation ».
rolls-title = Listes électorales
rolls-explained = Les scrutins auxquels vous participez. Les empreintes permettent à chacun de vérifier que la liste est la même pour tous.
rolls-voters = { $voters ->
    [one] { $voters } électeur à l’ouverture.
   *[other] { $voters } électeurs à l’ouverture.
 }
rolls-on = Vous y figurez.
rolls-off = Vous n’y figurez pas.
rolls-opening = Empreinte de l’ouverture
rolls-now = Empreinte de la liste à présent
rolls-search = Chercher un électeur de mes scrutins
rolls-name = Début du nom
rolls-find = Chercher
rolls-found = { $number ->
    [one] { $number } inscription trouvée.
   *[other] { $number } inscriptions trouvées.
 }
contest-number = scrutin { $number }
contest-seats = { $seats ->
    [one] { $seats } siège
   *[other] { $seats } sièges
 }
contest-checked = Ces professions de foi et candidatures sont celles que le bureau de vote a approuvées avec le scrutin.
contest-documents = Télécharger le document
contest-statement = Profession de foi
contest-candidates = Candidats
complaint-title = Formuler une réclamation
complaint-explained = Votre réclamation est lue par le bureau de vote. N’y écrivez ni votre choix ni votre code.
complaint-text = Votre réclamation
complaint-send = Envoyer
complaint-sent = Réclamations envoyées
complaint-receipt = Réclamation { $number } reçue le { $time }
complaint-digest = SHA-256 du texte
complaint-waits = Le bureau n’a pas encore répondu.
complaint-answer = Réponse
complaint-empty = Le texte est vide.
complaint-long = Le texte dépasse 5000 caractères.
complaint-too-many = Vous avez envoyé trop de réclamations.
me-title = Mes données
me-name = Nom
me-id = Identifiant
me-numen = NUMEN
me-social = Dix premiers chiffres du numéro de sécurité sociale
me-explained = Une donnée est fausse ?
reissue-title = Réassort du code de vote
reissue-explained = Un nouveau code remplace le précédent pour tous les scrutins où vous n’avez pas voté. Il est envoyé à votre adresse électronique et s’utilise dans les deux minutes.
reissue-identity = Votre NUMEN, ou les dix premiers chiffres de votre numéro de sécurité sociale
reissue-ask = Recevoir un nouveau code
reissue-wrong = Ce n’est ni le NUMEN ni les dix chiffres de cet électeur.
reissue-nothing = Il n’y a plus de scrutin pour lequel un code puisse être envoyé.
reissue-sent = Un nouveau code de vote vient d’être envoyé par courriel. Utilisez-le dans les deux minutes.
emargement-title = Émargement
emargement-explained = Le bureau de vote atteste par la signature de l’urne que cet électeur a voté. L’émargement ne dit rien du vote.
emargement-contest = Scrutin
emargement-at = Date et heure du vote
emargement-signature = Signature de l’urne (Ed25519)
emargement-form = Émargement à vérifier (forme urne/2)

## vote

vote-title = Voter

## check

check-title = Vérifier mon bulletin

## audit

audit-title = Vérifier le scrutin

## bureau

bureau-login = Bureau de vote : identification
bureau-name = Nom du membre
bureau-counter = Compteur
bureau-counter-caption = Votes reçus
bureau-contest = Scrutin
bureau-on-roll = Inscrits
bureau-voted = Votants
bureau-lists = Listes
bureau-signings = Liste d’émargement
bureau-signed = { $number ->
    [one] { $number } émargement
   *[other] { $number } émargements
 }
bureau-signings-csv = Liste d’émargement (CSV)
bureau-days = Participation par jour
bureau-days-caption = Votes par jour et par scrutin (heure de Paris)
bureau-day = Jour
bureau-turnout-csv = Participation par jour (CSV)
bureau-closing = Clôture et dépouillement
bureau-close = Clore les scrutins terminés
bureau-close-later = Aucun scrutin terminé n’attend d’être clos.
bureau-ends = Fin du délai : { $time }.
bureau-closed-record = Procès-verbal numérique de clôture (closed.json)
bureau-signings-form = Liste d’émargement pour les détenteurs de clé
bureau-record = Registre publié (record.json)
bureau-file = Fichier d’un détenteur de clé ou de l’émetteur
bureau-upload = Déposer
bureau-publish = Dépouiller et publier
bureau-not-closed = L’urne n’est pas close.
bureau-no-closing = La clôture n’est pas encore signée par l’émetteur.
bureau-other-closing = Ce fichier est d’une autre clôture.
bureau-no-such-trustee = Ce détenteur de clé n’est pas de ce scrutin.
bureau-unknown-form = Ce fichier n’est ni une clôture signée, ni un avis de clôture reçue, ni un aval, ni une déclaration de présence, ni des facteurs de déchiffrement.
bureau-integrity = Intégrité
bureau-integrity-explained = L’urne ne change que par ajouts. Comparez ces têtes avec celles d’un observateur indépendant.
bureau-both = { $ballots } bulletins dans l’urne, { $receipts } émargements.
bureau-before = À votre dernier contrôle, le { $time } : { $ballots } bulletins.
bureau-grown = L’urne prolonge celle de votre dernier contrôle.
bureau-not-grown = ALERTE : l’urne ne prolonge pas celle de votre dernier contrôle. Prévenez le bureau et l’expert.
bureau-never-looked = Vous n’avez pas encore fait de contrôle.
bureau-head-at = Dernier dépôt
bureau-root = Racine
bureau-head = Tête signée (forme urne/2)
bureau-path = Preuve de cohérence depuis votre dernier contrôle (forme urne/2)
bureau-keep-heads = Contrôlé : garder ces têtes
bureau-complaints = Réclamations
bureau-no-complaints = Aucune réclamation.
bureau-answer = Répondre
bureau-minutes = Procès-verbal
minutes-open = Ouverture
minutes-voters = Inscrits
minutes-signings = Votants
minutes-blank = Votes blancs
minutes-seats = Sièges à pourvoir
minutes-closed-at = Clôture
minutes-closing = Empreinte de la clôture
minutes-endorsed = Clôture avalisée par les détenteurs de clé
minutes-opened = Total ouvert par les détenteurs de clé
minutes-complaints = Réclamations reçues, tous scrutins
minutes-signed-by = Signatures des membres du bureau
results-title = Résultats
results-none = Aucun résultat n’est publié.
results-turnout = { $ballots } votants ({ $share } %).
results-blank = { $blank ->
    [one] { $blank } vote blanc.
   *[other] { $blank } votes blancs.
 }
results-caption = Voix et sièges
results-list = Liste
results-votes = Voix
results-seats = Sièges
results-tie = Égalité : { $seats } siège(s) à départager entre { $lists }.

## refused: what the box says

refused-deposit-not-on-roll = Vous ne figurez pas sur la liste électorale de ce scrutin.
refused-deposit-not-yet-open = Ce scrutin n’est pas encore ouvert.
refused-deposit-ended = Ce scrutin est terminé : aucun bulletin n’est plus reçu.
refused-deposit-already-voted = Vous avez déjà voté à ce scrutin : ce vote est définitif.
refused-deposit-revoked = Votre code de vote a été remplacé par un autre. Saisissez le dernier reçu.
refused-deposit-not-active = Votre code de vote n’est pas activé. Saisissez-le d’abord.
refused-deposit-expired = Votre code de vote n’a pas été activé à temps. Demandez-en un nouveau.
refused-deposit-challenged = Ce bulletin a été testé et ne peut plus être déposé. Scellez-en un autre.
refused-activation-ended = Ce scrutin est terminé : aucun code n’est plus accepté.
refused-activation-not-on-roll = Vous ne figurez pas sur la liste électorale de ce scrutin.
refused-activation-already-voted = Vous avez déjà voté à ce scrutin.
refused-activation-proof = Le code n’a pas pu être vérifié. Saisissez-le de nouveau.
refused-activation-revoked = Ce code a été remplacé par un autre. Saisissez le dernier reçu.
refused-activation-other-code = Ce code n’est pas le vôtre. Saisissez celui de votre courrier.
refused-activation-closed = Ce scrutin est fermé : un code ne peut plus être activé.
refused-activation-expired = Ce code a expiré. Demandez-en un nouveau.
refused-portal-proof-given = La preuve de dépôt a déjà été téléchargée. L’appareil qui a voté peut la refaire depuis son dossier.

## mail

mail-link-subject = Votre mot de passe pour le vote
mail-link = Bonjour,

    Ce lien vous permet de choisir votre mot de passe pour le portail de vote. Il sert une fois, pendant une heure :

    { $link }

    Si vous ne l’avez pas demandé, ignorez ce message : rien n’est changé.

## issuer

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
