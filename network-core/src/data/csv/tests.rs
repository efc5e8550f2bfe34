use super::*;
use nalgebra::SVector;
use proptest::prelude::*;

type Vector<const N: usize> = SVector<f32, N>;

const ANIMALS: &str = "\
name,legs,mass,kind
ant,6,0.001,insect
dog,4,20,mammal
man,2,70.5,mammal
";

fn animals(text: &str) -> Csv<'_> {
    Csv::from_reader(text.as_bytes()).numeric(["legs", "mass"])
}

fn problem<T: core::fmt::Debug>(result: Result<T, CsvError>) -> CsvProblem {
    result.unwrap_err().problem
}

/// The cell errors of a reading that must fail.
fn cell_errors<T: core::fmt::Debug>(result: Result<T, CsvError>) -> Vec<CellError> {
    match problem(result) {
        CsvProblem::Cells { errors, .. } => errors,
        other => panic!("{other}"),
    }
}

#[test]
fn columns_become_features_and_classes() {
    let data = animals(ANIMALS).read_classes::<Vector<2>>("kind").unwrap();
    assert_eq!(data.inputs()[1].as_slice(), [4.0, 20.0]);
    assert_eq!(data.targets(), [0, 1, 1]);
    assert_eq!(data.class_names(), ["insect", "mammal"]);
    assert_eq!(data.feature_names(), ["legs", "mass"]);
    assert_eq!(data.origin(), [0, 1, 2]);
    assert_eq!(data.classes(), 2);
}

#[test]
fn columns_become_targets() {
    let data: Dataset<Vector<3>, Vector<1>> = Csv::from_reader(ANIMALS.as_bytes())
        .one_hot("kind")
        .numeric(["legs"])
        .read_targets(["mass"])
        .unwrap();
    assert_eq!(data.inputs()[0].as_slice(), [1.0, 0.0, 6.0]);
    assert_eq!(data.inputs()[2].as_slice(), [0.0, 1.0, 2.0]);
    assert_eq!(data.targets()[2].as_slice(), [70.5]);
    assert_eq!(data.feature_names(), ["kind=insect", "kind=mammal", "legs"]);
    assert_eq!(data.target_names(), ["mass"]);
}

#[test]
fn categories_as_an_index_are_sorted_by_value_if_they_are_whole_numbers() {
    let text = "10,a\n9,b\n-1,a\n";
    let csv = || Csv::from_reader(text.as_bytes()).header(false);
    let data = csv().index(0).read_classes::<Vector<1>>(1).unwrap();
    assert_eq!(
        data.inputs().iter().map(|x| x[0]).collect::<Vec<_>>(),
        [2.0, 1.0, 0.0]
    );
    let data = csv().categories(0, ["10", "-1", "9"]).index(0);
    let data = data.read_classes::<Vector<1>>(1).unwrap();
    assert_eq!(
        data.inputs().iter().map(|x| x[0]).collect::<Vec<_>>(),
        [0.0, 2.0, 1.0]
    );
}

#[test]
fn declared_classes_keep_their_index_where_a_file_lacks_some() {
    let data = animals(ANIMALS)
        .categories("kind", ["bird", "mammal", "insect"])
        .read_classes::<Vector<2>>("kind")
        .unwrap();
    assert_eq!(data.targets(), [2, 1, 1]);
    assert_eq!(data.classes(), 3);

    let csv = animals(ANIMALS).categories("kind", ["bird", "insect"]);
    let errors = cell_errors(csv.read_classes::<Vector<2>>("kind"));
    assert_eq!(errors.len(), 2);
    assert_eq!(
        errors[0].to_string(),
        "row 2 (line 3), column `kind`: `mammal` is not one of the declared categories `bird`, `insect`"
    );
}

#[test]
fn every_wrong_cell_is_reported_with_its_row_and_column() {
    let text = "a,b,y\n1,NA,0\n\n2,zwei,1\n\"\n3\",4\n5,1e39,0\n6,inf,1\n";
    let csv = Csv::from_reader(text.as_bytes()).numeric(["a", "b"]);
    let error = csv.read_classes::<Vector<2>>("y").unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read CSV data: row 1 (line 2), column `b`: the cell is missing (`NA`)\n  \
         row 2 (line 4), column `b`: `zwei` is not a number\n  \
         row 3 (line 5): the row has 2 cells, but the first row has 3\n  \
         row 4 (line 7), column `b`: `1e39` is not a finite number of this type\n  \
         row 5 (line 8), column `b`: `inf` is not a finite number of this type"
    );
    // In f64 the same number is fine.
    let csv = Csv::from_reader("a,y\n1e39,0\n".as_bytes()).numeric(["a"]);
    assert!(csv.read_classes::<SVector<f64, 1>>("y").is_ok());
}

#[test]
fn lines_are_counted_as_editors_do() {
    for text in [
        "\u{feff}a,y\r\n1,1\r\n\r\nx,1\r\n",
        "\n\na,y\n\"1\",1\nx,1",
        "a,y\n\" \n\n1\",1\nx,1\n",
    ] {
        let csv = Csv::from_reader(text.as_bytes()).numeric(["a"]);
        let errors = cell_errors(csv.read_classes::<Vector<1>>("y"));
        let line = 1 + text.lines().position(|line| line == "x,1").unwrap();
        assert_eq!((errors[0].row, errors[0].line), (2, line), "{text:?}");
    }
}

#[test]
fn many_wrong_cells_are_counted_but_not_all_kept() {
    let text = "x,1\n".repeat(1000);
    let csv = Csv::from_reader(text.as_bytes()).header(false).numeric([0]);
    let CsvProblem::Cells { errors, total } = problem(csv.read_classes::<Vector<1>>(1)) else {
        panic!("expected wrong cells");
    };
    assert_eq!((errors.len(), total), (20, 1000));
}

#[test]
fn rows_with_missing_cells_are_left_out_if_asked_for() {
    let text = "a,b,y\n1,2,x\n?,2,z\n3,,x\n4,5,w\n";
    let csv = || Csv::from_reader(text.as_bytes()).missing(Missing::SkipRow);
    let data = csv()
        .numeric(["a", "b"])
        .read_classes::<Vector<2>>("y")
        .unwrap();
    assert_eq!(data.origin(), [0, 3]);
    assert_eq!(data.skipped_rows(), [1, 2]);
    assert_eq!(
        data.class_names(),
        ["w", "x"],
        "classes of skipped rows do not count"
    );
    // A column that is not read may miss what it likes.
    let data = csv().numeric(["a"]).read_classes::<Vector<1>>("y").unwrap();
    assert_eq!(data.skipped_rows(), [1]);
    let csv = csv().missing_markers(["1", "3", "4", "?"]);
    let problem = problem(csv.numeric(["a"]).read_classes::<Vector<1>>("y"));
    assert!(
        matches!(problem, CsvProblem::AllRowsSkipped { rows: 4 }),
        "{problem}"
    );
}

#[test]
fn wrong_columns_are_named() {
    let text = |problem: CsvProblem| problem.to_string();
    assert_eq!(
        text(problem(animals(ANIMALS).read_classes::<Vector<2>>("sort"))),
        "there is no column `sort`; the header names `name`, `legs`, `mass`, `kind`"
    );
    assert_eq!(
        text(problem(
            animals(ANIMALS)
                .numeric([4])
                .read_classes::<Vector<3>>("kind")
        )),
        "there is no column 4; the header names `name`, `legs`, `mass`, `kind`"
    );
    let csv = Csv::from_reader("1,2\n".as_bytes())
        .header(false)
        .numeric(0..3);
    assert_eq!(
        text(problem(csv.read_classes::<Vector<3>>(3))),
        "there is no column 2; without a header, columns are given by index, here 0 to 1"
    );
    assert_eq!(
        text(problem(animals(ANIMALS).read_classes::<Vector<2>>("legs"))),
        "column `legs` is asked for twice"
    );
    assert_eq!(
        text(problem(
            animals(ANIMALS)
                .categories("mass", ["x"])
                .read_classes::<Vector<2>>("kind")
        )),
        "categories are declared for column `mass`, which is not read as categories"
    );
    let csv = Csv::from_reader("a,a,y\n1,2,3\n".as_bytes()).numeric(["a"]);
    assert_eq!(
        text(problem(csv.read_classes::<Vector<1>>("y"))),
        "columns 0 and 1 are both named `a`: ask for it by index"
    );
    assert_eq!(
        text(problem(
            animals(ANIMALS)
                .one_hot("kind")
                .read_targets::<Vector<3>, Vector<1>>(["name"])
        )),
        "row 1 (line 2), column `name`: `ant` is not a number\n  \
         row 2 (line 3), column `name`: `dog` is not a number\n  \
         row 3 (line 4), column `name`: `man` is not a number"
    );
    assert_eq!(
        text(problem(
            animals(ANIMALS)
                .one_hot("name")
                .read_classes::<Vector<3>>("kind")
        )),
        "the columns give 5 features, but an input has 3: `legs`, `mass`, `name=ant`, `name=dog`, `name=man`"
    );
    assert_eq!(
        text(problem(
            Csv::from_reader(ANIMALS.as_bytes())
                .numeric(["legs"])
                .read_targets::<Vector<1>, Vector<2>>(["mass"])
        )),
        "the columns give 1 targets, but a target has 2: `mass`"
    );
}

#[test]
fn empty_files_and_missing_files_are_errors() {
    for text in ["", "\n\n", "a,y\n"] {
        let csv = Csv::from_reader(text.as_bytes()).numeric(["a"]);
        let problem = problem(csv.read_classes::<Vector<1>>("y"));
        assert!(
            matches!(problem, CsvProblem::Data(crate::data::DataError::Empty)),
            "{problem}"
        );
    }
    let error = Csv::open("no/such/file.csv")
        .numeric([0])
        .read_classes::<Vector<1>>(1)
        .unwrap_err();
    assert!(matches!(error.problem, CsvProblem::Io(_)));
    assert!(error.to_string().contains("no/such/file.csv"), "{error}");
}

#[test]
fn byte_order_mark_delimiter_quotes_and_spaces_are_read() {
    let text = "\u{feff}\"size; cm\" ;y\r\n 1.5 ;\"a\"\r\n2.5;b\r\n";
    let csv = Csv::from_reader(text.as_bytes())
        .delimiter(b';')
        .numeric(["size; cm"]);
    let data = csv.read_classes::<Vector<1>>("y").unwrap();
    assert_eq!(data.inputs()[0][0], 1.5);
    assert_eq!(data.class_names(), ["a", "b"]);
}

#[test]
fn text_that_is_not_utf8_is_reported() {
    let csv = Csv::from_reader(&b"a,y\n\xff\xfe,1\n"[..]).numeric(["a"]);
    let errors = cell_errors(csv.read_classes::<Vector<1>>("y"));
    assert_eq!(errors[0].problem, CellProblem::NotUtf8);
    // In a column that is not read it does no harm.
    let csv = Csv::from_reader(&b"a,b,y\n1,\xff\xfe,1\n"[..]).numeric(["a"]);
    assert!(csv.read_classes::<Vector<1>>("y").is_ok());
}

proptest! {
    #[test]
    fn any_bytes_give_a_data_set_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let csv = Csv::from_reader(&bytes[..]).header(false).numeric([0]).one_hot(1);
        if let Err(error) = csv.read_classes::<Vector<3>>(2) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    /// Bytes of which most are what CSV files are made of.
    #[test]
    fn any_cells_give_a_data_set_or_an_error(
        text in "(([0-9]{1,3}|NA|-?1e[0-9]{1,3}|[ab]|\"[\n,a]?\"|)[,\n]){0,40}",
        skip in any::<bool>(),
    ) {
        let missing = if skip { Missing::SkipRow } else { Missing::Refuse };
        let csv = Csv::from_reader(text.as_bytes()).header(false).missing(missing);
        match csv.index(0).numeric([1]).read_classes::<Vector<2>>(2) {
            Ok(data) => prop_assert!(data.inputs().iter().all(|x| x.iter().all(|x| x.is_finite()))),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn what_was_written_is_read(values in proptest::collection::vec((-1e30_f32..1e30, 0_usize..4), 1..50)) {
        let lines: Vec<String> = values.iter().map(|(x, y)| format!("{x},{y}\n")).collect();
        let text = lines.concat();
        let data = Csv::from_reader(text.as_bytes())
            .header(false)
            .numeric([0])
            .categories(1, ["0", "1", "2", "3"])
            .read_classes::<Vector<1>>(1)
            .unwrap();
        let read: Vec<_> = data.inputs().iter().zip(data.targets()).map(|(x, y)| (x[0], *y)).collect();
        prop_assert_eq!(read, values);
    }
}
