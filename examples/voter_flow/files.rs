//! The files that a voter keeps, and what the bureau publishes.

use std::fs;
use std::path::{Path, PathBuf};

use urne::ballot_box::{DepositProof, Emargement};
use urne::voter::{Casting, Dossier, Voted};
use urne::{Record, Unsent};

use crate::common::Failure;
use crate::tool::{FileError, OutFile, put, read};

pub struct Files(PathBuf);

impl Files {
    pub fn new(directory: PathBuf) -> Result<Self, Failure> {
        fs::create_dir_all(&directory).map_err(|error| FileError::new(&directory, error))?;
        // Before anything is done it is seen whether files can be made there; this one is not kept.
        OutFile::open(&directory.join("essai"))?;
        Ok(Files(directory))
    }

    pub fn directory(&self) -> &Path {
        &self.0
    }

    pub fn emargement_name(number: u64) -> String {
        format!("emargement-{number}.bin")
    }

    pub fn deposit_proof_name(number: u64) -> String {
        format!("preuve-de-depot-{number}.bin")
    }

    fn dossier_name(number: u64) -> String {
        format!("dossier-{number}.bin")
    }

    fn record_name(number: u64) -> String {
        format!("proces-verbal-{number}.json")
    }

    /// Stores the dossier of a vote before its ballot is sent, and gives the ballot on its way.
    pub fn keep_first(&self, number: u64, unsent: Unsent<Casting>) -> Result<Casting, Failure> {
        self.write(&Files::dossier_name(number), unsent.to_store())?;
        Ok(unsent.stored())
    }

    /// Stores the dossier with its receipt in place of that, the acknowledgement as a text, and both proofs for whoever
    /// wants to see them.
    pub fn keep(&self, voted: &Voted, acknowledgement: &str) -> Result<(), Failure> {
        let number = voted.reference().number();
        let receipt = voted.receipt();
        self.write(&Files::dossier_name(number), voted.dossier().to_bytes())?;
        self.write(&format!("accuse-de-reception-{number}.txt"), acknowledgement)?;
        self.write(&Files::emargement_name(number), receipt.emargement.to_bytes())?;
        self.write(&Files::deposit_proof_name(number), receipt.deposit_proof.to_bytes())
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        put(self.0.join(name), bytes)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        read(self.0.join(name))
    }

    pub fn dossier(&self, number: u64) -> Result<Dossier, Failure> {
        Ok(Dossier::from_bytes(&self.read(&Files::dossier_name(number))?)?)
    }

    pub fn emargement(&self, number: u64) -> Result<Emargement, Failure> {
        Ok(Emargement::from_bytes(&self.read(&Files::emargement_name(number))?)?)
    }

    pub fn deposit_proof(&self, number: u64) -> Result<DepositProof, Failure> {
        Ok(DepositProof::from_bytes(&self.read(&Files::deposit_proof_name(number))?)?)
    }

    pub fn publish(&self, record: &Record) -> Result<String, Failure> {
        let name = Files::record_name(record.contest.number);
        self.write(&name, record.to_json())?;
        Ok(name)
    }

    pub fn record(&self, number: u64) -> Result<Vec<u8>, Failure> {
        self.read(&Files::record_name(number))
    }
}
