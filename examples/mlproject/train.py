"""The project's entry point: a linear model by stochastic gradient descent, with its error after every epoch."""

import argparse

import mlflow
from sklearn.datasets import load_diabetes
from sklearn.linear_model import SGDRegressor
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--alpha", type=float, default=0.1, help="strength of the penalty")
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()

    X, y = load_diabetes(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
    scaler = StandardScaler().fit(X_train)
    model = SGDRegressor(alpha=args.alpha, random_state=0)

    # `mlflow run` made the run and recorded the parameters; start_run() joins it.
    with mlflow.start_run():
        for epoch in range(args.epochs):
            model.partial_fit(scaler.transform(X_train), y_train)
            rmse = root_mean_squared_error(y_test, model.predict(scaler.transform(X_test)))
            mlflow.log_metric("rmse", rmse, step=epoch)
    print(f"rmse after {args.epochs} epochs: {rmse:.2f}")


if __name__ == "__main__":
    main()
